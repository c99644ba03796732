import { constants } from "node:buffer";
import { closeSync, read, readSync } from "node:fs";
import { pipeline, Readable } from "node:stream";
import { promisify } from "node:util";
import { createGunzip } from "node:zlib";
import { InputError } from "../errors.js";
import { codeOf, mostDataBytes, openInput, unreadable } from "../input-file.js";

export { codeOf } from "../input-file.js";

const what = "data";
const chunkBytes = 2 ** 20;
const readPiece = promisify(read);

/** Deflate packs no better than this, so a file cannot unpack to more. */
const bestRatio = 1032;

/** What the first array for a file's content may hold, and the largest that there can be. */
const generous = 2 ** 30;
const mostArrayBytes = constants.MAX_LENGTH;

/** The bytes of a data file, piece by piece. */
export interface ByteSource {
  /** Whether it is gzip. */
  readonly isPacked: boolean;
  /** The most that it can hold unpacked: its size where it is not packed. */
  readonly mostBytes: number;
  /** Each piece is good until the next one is asked for. */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** The same, as they are stored. */
  stored(): AsyncIterable<Uint8Array>;
}

/**
 * Opens a data file to be read piece by piece, unpacked where it is gzip (told by its first bytes, not
 * by its name), and closes it when `use` is done. Files of any size are read in little memory.
 *
 * @throws InputError when it is no regular file, cannot be read, or packed data is damaged or cut off.
 */
export async function withBytes<T>(
  path: string,
  use: (source: ByteSource) => Promise<T>,
): Promise<T> {
  const { fd, size } = openInput(path, what);
  try {
    const head = new Uint8Array(2);
    readSync(fd, head, 0, 2, 0);
    const packed = head[0] === 0x1f && head[1] === 0x8b;
    return await use({
      isPacked: packed,
      mostBytes: packed ? size * bestRatio : size,
      pieces: packed ? unpack(fd, path, size) : readStored(fd, path),
      stored: () => readStored(fd, path),
    });
  } finally {
    closeSync(fd);
  }
}

/**
 * The whole content of a data file.
 *
 * @param limit bytes that are expected at most, told from the first piece and the file's size; it may
 *   refuse by throwing. More are refused before memory is taken for them.
 */
export function readWhole(
  path: string,
  limit: (head: Uint8Array, source: ByteSource) => number = () => mostDataBytes(),
): Promise<Uint8Array> {
  return withBytes(path, async (source) => {
    let bytes = new Uint8Array(0);
    let most = -1;
    let length = 0;
    for await (const piece of source.pieces) {
      if (most < 0) most = Math.min(limit(piece, source), mostArrayBytes);
      const end = length + piece.length;
      if (end > most)
        throw new InputError(
          `Expected at most ${most} bytes in ${path} but it holds more; check that it is the ` +
            "right file, or fetch it again",
        );
      if (end > bytes.length) {
        // Pages that nothing is written to take no memory, so the first array may be generous.
        const wanted = Math.min(most, Math.max(2 * end, Math.min(source.mostBytes, generous)));
        const larger = new Uint8Array(wanted);
        larger.set(bytes.subarray(0, length));
        bytes = larger;
      }
      bytes.set(piece, length);
      length = end;
    }
    return bytes.subarray(0, length);
  });
}

/** The file as it is stored. Every piece is an array of its own where `isKept`, else one for all. */
async function* readStored(fd: number, path: string, isKept = false): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(chunkBytes);
  for (let position = 0; ; ) {
    let bytesRead: number;
    try {
      ({ bytesRead } = await readPiece(fd, piece, 0, chunkBytes, position));
    } catch (error) {
      throw unreadable(path, what, error);
    }
    if (bytesRead === 0) return;
    position += bytesRead;
    const filled = piece.subarray(0, bytesRead);
    yield isKept ? filled.slice() : filled;
  }
}

async function* unpack(fd: number, path: string, size: number): AsyncGenerator<Uint8Array> {
  const unpacked = createGunzip({ chunkSize: chunkBytes });
  const stored = Readable.from(readStored(fd, path, true), { highWaterMark: 1 });
  pipeline(stored, unpacked, () => {});
  try {
    for await (const piece of unpacked) yield piece as Uint8Array;
  } catch (error) {
    throw new InputError(
      `Expected whole gzip data in ${path} but decompressing its ${size} bytes failed ` +
        `(${codeOf(error)}); the file is damaged or cut off: delete it and fetch it again`,
    );
  }
}
