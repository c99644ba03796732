import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSafetensors } from "@ferret-ocl/pipeline";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasCheckpoint, readCheckpoint, writeCheckpoint } from "../../src/checkpoint/folder.js";
import type { StateTensor } from "../../src/checkpoint/parts.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferret-checkpoint-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const tensors = (first: number) =>
  new Map<string, StateTensor>([
    ["bytes", { shape: [3], values: Uint8Array.of(first, 2, 3) }],
    ["whole", { shape: [2], values: Int32Array.of(-first, 2 ** 30) }],
    ["floats", { shape: [2, 1], values: Float32Array.of(first, Number.NaN) }],
    ["doubles", { shape: [3], values: Float64Array.of(first, -0, Number.POSITIVE_INFINITY) }],
    ["nothing", { shape: [0], values: new Float32Array(0) }],
  ]);
const content = (first: number) => ({ items: first, text: 'a "quoted" line\n', list: [1.5, null] });

/** A folder with two checkpoints, 1 and 2. */
async function filled(): Promise<void> {
  await writeCheckpoint(folder, content(1), tensors(1));
  await writeCheckpoint(folder, content(2), tensors(2));
}

function read(): { number: number; warnings: string[] } {
  const warnings: string[] = [];
  const found = readCheckpoint(folder, (sentence) => warnings.push(sentence));
  // Whatever is found is whole.
  expect(found.content).toEqual(content(found.number));
  expect(found.tensors).toEqual(tensors(found.number));
  return { number: found.number, warnings };
}

/** Bytes of a file, changed. */
function change(name: string, work: (bytes: Buffer) => Uint8Array): void {
  const path = join(folder, name);
  writeFileSync(path, work(readFileSync(path)));
}

describe("a folder of checkpoints", () => {
  it("gives back every bit of the last one, and keeps two", async () => {
    await filled();
    expect(read()).toEqual({ number: 2, warnings: [] });
    const path = await writeCheckpoint(folder, content(3), tensors(3));
    expect(path).toBe(join(folder, "checkpoint-3.json"));
    expect(read()).toEqual({ number: 3, warnings: [] });
    expect(readdirSync(folder).sort()).toEqual([
      "checkpoint-2.json",
      "checkpoint-2.safetensors",
      "checkpoint-3.json",
      "checkpoint-3.safetensors",
    ]);
    // Any reader of the format takes the tensors.
    const stored = loadSafetensors(join(folder, "checkpoint-3.safetensors"));
    expect([...stored].map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ["doubles", "F64", [3]],
      ["whole", "I32", [2]],
      ["floats", "F32", [2, 1]],
      ["nothing", "F32", [0]],
      ["bytes", "U8", [3]],
    ]);
  });

  it.each(["checkpoint-2.json", "checkpoint-2.safetensors"])(
    "names %s where any byte of it is another one, and takes the checkpoint before",
    async (name) => {
      await filled();
      const whole = readFileSync(join(folder, name));
      fc.assert(
        fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
          change(name, () => {
            const bytes = Buffer.from(whole);
            bytes[at] = (bytes[at] as number) ^ bits;
            return bytes;
          });
          const { number, warnings } = read();
          expect(number).toBe(1);
          expect(warnings).toEqual([
            expect.stringMatching(/^Checkpoint 2 in .* is left out, since .*; checkpoint 1, /),
          ]);
        }),
        { numRuns: 300 },
      );
    },
  );

  it.each(["checkpoint-2.json", "checkpoint-2.safetensors"])(
    "names %s wherever it ends too early, or goes on",
    async (name) => {
      await filled();
      const whole = readFileSync(join(folder, name));
      for (let length = 0; length < whole.length; length += name.endsWith("json") ? 1 : 3) {
        change(name, () => whole.subarray(0, length));
        expect(read().number).toBe(1);
      }
      for (const more of ["\n", "{}", "\0".repeat(4096)]) {
        change(name, () => Buffer.concat([whole, Buffer.from(more)]));
        expect(read().number).toBe(1);
      }
      rmSync(join(folder, name));
      expect(read().number).toBe(1);
    },
  );

  it("names what was only half written, and clears it away with the next checkpoint", async () => {
    await filled();
    // Of a process that is gone: no system has one of that number.
    writeFileSync(join(folder, "checkpoint-3.safetensors.999999999.tmp"), "half");
    expect(read()).toMatchObject({
      number: 2,
      warnings: [expect.stringMatching(/^Checkpoint 3 .* since checkpoint-3.json is missing/)],
    });
    copyFileSync(
      join(folder, "checkpoint-2.safetensors"),
      join(folder, "checkpoint-4.safetensors"),
    );
    expect(read().number).toBe(2);
    expect(read().warnings).toHaveLength(2);
    await writeCheckpoint(folder, content(5), tensors(5));
    expect(read()).toEqual({ number: 5, warnings: [] });
    expect(readdirSync(folder)).toHaveLength(4);
  });

  it("has none where the first was never finished", async () => {
    expect(hasCheckpoint(folder)).toBe(false);
    writeFileSync(join(folder, "checkpoint-1.safetensors"), "whole, but nothing says so");
    writeFileSync(join(folder, "checkpoint-1.json.999999999.tmp"), "half");
    expect(hasCheckpoint(folder)).toBe(false);
    expect(read).toThrow(/there is none \(Checkpoint 1 .* checkpoint-1.json is missing\)/);
    await writeCheckpoint(folder, content(2), tensors(2));
    expect(hasCheckpoint(folder)).toBe(true);
    expect(read()).toEqual({ number: 2, warnings: [] });
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it("keeps one that is whole beside a damaged one", async () => {
    await filled();
    truncateSync(join(folder, "checkpoint-2.safetensors"), 10);
    await writeCheckpoint(folder, content(3), tensors(3));
    expect(
      readdirSync(folder)
        .filter((name) => name.endsWith("json"))
        .sort(),
    ).toEqual(["checkpoint-1.json", "checkpoint-3.json"]);
  });

  it("refuses another version by name, in a file that is whole", async () => {
    await filled();
    const { createHash } = await import("node:crypto");
    const path = join(folder, "checkpoint-2.json");
    const text = readFileSync(path, "utf8");
    const body = text.slice(text.indexOf('"content":') + 10, -2);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (version) => {
        fc.pre(version !== 1);
        const sha256 = createHash("sha256").update(`${version}\n`).update(body).digest("hex");
        const head = `{"format":"ferret-checkpoint","version":${version},"sha256":"${sha256}",`;
        writeFileSync(path, `${head}"content":${body}}\n`);
        expect(read).toThrow(
          `Expected a checkpoint of version 1 in ${path} but it is of version ${version}`,
        );
      }),
      { numRuns: 20 },
    );
  });

  it("refuses a folder that has none, and says what it found", async () => {
    expect(read).toThrow(/^Expected a whole checkpoint in .* but there is none; name the folder/);
    await filled();
    for (const number of [1, 2]) truncateSync(join(folder, `checkpoint-${number}.json`), 30);
    expect(read).toThrow(/Checkpoint 2 .*; Checkpoint 1 /);
    expect(() => readCheckpoint(join(folder, "checkpoint-1.json"), () => {})).toThrow("is a file");
    expect(() => readCheckpoint(join(folder, "gone"), () => {})).toThrow("is not there");
  });

  it("allocates no more than a file holds, whatever its header says", async () => {
    await filled();
    const { createHash } = await import("node:crypto");
    const path = join(folder, "checkpoint-2.safetensors");
    const json = join(folder, "checkpoint-2.json");
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (length) => {
        // The checksums are right: this is not damage but malice.
        const bytes = readFileSync(path);
        bytes.writeBigUInt64LE(length, 0);
        writeFileSync(path, bytes);
        const mark = {
          bytes: bytes.length,
          sha256: createHash("sha256").update(bytes).digest("hex"),
        };
        const body = JSON.stringify({ tensors: mark, content: content(2) });
        const sha256 = createHash("sha256").update("1\n").update(body).digest("hex");
        const head = `{"format":"ferret-checkpoint","version":1,"sha256":"${sha256}",`;
        writeFileSync(json, `${head}"content":${body}}\n`);
        const before = process.memoryUsage().arrayBuffers;
        expect(read).toThrow("to be a whole safetensors file");
        expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
      }),
      { numRuns: 50 },
    );
  });

  it("says where it cannot be written", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    await expect(writeCheckpoint(join(file, "below"), {}, tensors(1))).rejects.toThrow(
      /^Expected to be able to write a checkpoint to .* but got (ENOTDIR|EEXIST)/,
    );
    mkdirSync(join(folder, "deep"));
    await writeCheckpoint(join(folder, "deep", "er"), {}, tensors(1));
    expect(existsSync(join(folder, "deep", "er", "checkpoint-1.json"))).toBe(true);
  });
});
