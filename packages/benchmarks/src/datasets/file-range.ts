import { closeSync, readSync } from "node:fs";
import { Readable } from "node:stream";
import { createInflate, createInflateRaw } from "node:zlib";
import { InputError } from "../errors.js";
import { codeOf, openInput, unreadable } from "../input-file.js";

const pieceBytes = 2 ** 20;

/** A file that is read here and there. */
export class RangeFile {
  readonly size: number;
  readonly #fd: number;

  /** @throws InputError where there is no regular file. */
  constructor(readonly path: string) {
    const { fd, size } = openInput(path, "data");
    this.#fd = fd;
    this.size = size;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Bytes `start` to `end` as far as the file has them, in an array of their own. */
  read(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, this.size) - start));
    let filled = 0;
    while (filled < bytes.length) {
      const count = this.#read(bytes, filled, start + filled);
      if (count === 0) return bytes.subarray(0, filled);
      filled += count;
    }
    return bytes;
  }

  /** The same in pieces, each good until the next. */
  async *pieces(start: number, end: number): AsyncGenerator<Uint8Array> {
    for (let at = start; at < Math.min(end, this.size); at += pieceBytes)
      yield this.read(at, Math.min(end, at + pieceBytes));
  }

  /**
   * What the bytes unpack to, in pieces.
   * @param how with the header of zlib, or raw as in zip archives.
   */
  async *unpacked(start: number, end: number, how: "zlib" | "raw"): AsyncGenerator<Uint8Array> {
    const inflate = (how === "zlib" ? createInflate : createInflateRaw)({ chunkSize: pieceBytes });
    const stored = Readable.from(this.pieces(start, end), { highWaterMark: 1 });
    stored.on("error", (error) => inflate.destroy(error));
    stored.pipe(inflate);
    try {
      for await (const piece of inflate) yield piece as Uint8Array;
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(
        `Expected whole deflated data from byte ${start} of ${this.path} but unpacking it failed ` +
          `(${codeOf(error)}); the file is damaged or cut off: fetch it again`,
      );
    } finally {
      stored.destroy();
      inflate.destroy();
    }
  }

  #read(bytes: Uint8Array, at: number, position: number): number {
    try {
      return readSync(this.#fd, bytes, at, bytes.length - at, position);
    } catch (error) {
      throw unreadable(this.path, "data", error);
    }
  }
}
