import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll } from "vitest";

// Every run of the tests asks the same questions.
fc.configureGlobal({ seed: 20_250_611 });

/** A fresh folder that goes away after the tests, and a writer of files in it. */
export function workplace() {
  const folder = mkdtempSync(join(tmpdir(), "ferret-datasets-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, content: Uint8Array | string) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  };
  return { folder, write };
}

/** IDX bytes, written by the format's page and by nothing of the reader. */
export function idx(sizes: readonly number[], values: readonly number[]): Uint8Array {
  const words = sizes.flatMap((size) => [
    size >>> 24,
    (size >> 16) & 255,
    (size >> 8) & 255,
    size & 255,
  ]);
  return Uint8Array.from([0, 0, 8, sizes.length, ...words, ...values]);
}

/** A tar archive of plain files, with the fields that a reader needs. */
export function tar(files: Readonly<Record<string, Uint8Array>>): Buffer {
  const parts = Object.entries(files).flatMap(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write("0000644\0", 100);
    header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("        ", 148);
    header.write("0ustar\x0000", 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

export const gzip = (content: Uint8Array | string): Uint8Array => gzipSync(content);

/** What a call throws, which must be an input error; every package has a class of its own. */
export function inputError(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "FERRET_INPUT")
      return error.message;
    throw error;
  }
  throw new Error("Expected an InputError but nothing was thrown");
}

/** The same of a promise. */
export async function inputErrorOf(promise: Promise<unknown>): Promise<string> {
  const outcome = await promise.then(
    () => new Error("Expected an InputError but nothing was thrown"),
    (error: unknown) => error,
  );
  return inputError(() => {
    throw outcome;
  });
}
