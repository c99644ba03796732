import { InputError } from "../errors.js";
import { quoted } from "../input-file.js";
import type { RangeFile } from "./file-range.js";

/** Deflate packs no better than this. */
const bestRatio = 1032;

/** A file in a zip archive. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes unpacked. */
  readonly size: number;
  /** Its content, piece by piece. */
  pieces(): AsyncIterable<Uint8Array>;
}

/**
 * The files of a zip archive by its directory, also of one beyond 4 GiB (zip64); stored or deflated.
 * @throws InputError for what is no zip archive, is damaged, encrypted, or packed otherwise.
 */
export function zipEntries(file: RangeFile): ZipEntry[] {
  const { start, size, count } = directoryOf(file);
  const bytes = file.read(start, start + size);
  if (bytes.length < size) throw damaged(file, `a directory of ${size} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < count; ) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50)
      throw damaged(file, `${count} files in its directory`);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const end = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (end > bytes.length) throw damaged(file, `${count} files in its directory`);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const isEncrypted = (view.getUint16(at + 8, true) & 1) !== 0;
    const method = view.getUint16(at + 10, true);
    const extraAt = at + 46 + nameLength;
    const extra = new DataView(bytes.buffer, bytes.byteOffset + extraAt, extraLength);
    const [unpacked, packed, offset] = sizesOf(view, at, extra);
    if (isEncrypted || (method !== 0 && method !== 8))
      throw new InputError(
        `Expected files stored or deflated in ${file.path} but ${quoted(name)} is ` +
          `${isEncrypted ? "encrypted" : `packed by method ${method}`}; pack it anew`,
      );
    if (method === 0 ? unpacked !== packed : unpacked > packed * bestRatio + 64)
      throw damaged(file, `${unpacked} bytes in ${quoted(name)}`);
    entries.push({
      name,
      size: unpacked,
      pieces() {
        const content = contentOf(file, offset, packed, name);
        return method === 0
          ? file.pieces(content, content + packed)
          : file.unpacked(content, content + packed, "raw");
      },
    });
    at = end;
  }
  return entries;
}

/** Where the directory lies, by the record at the archive's end. */
function directoryOf(file: RangeFile): { start: number; size: number; count: number } {
  const tailStart = Math.max(0, file.size - 65_557);
  const tail = Buffer.from(file.read(tailStart, file.size));
  const at = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (at < 0 || at + 22 > tail.length)
    throw new InputError(
      `Expected a zip archive (such as .npz) in ${file.path} but its directory is missing; it is cut ` +
        "off or something else: fetch it again",
    );
  let count = tail.readUInt16LE(at + 10);
  let size = tail.readUInt32LE(at + 12);
  let start = tail.readUInt32LE(at + 16);
  const locator = at - 20;
  if (locator >= 0 && tail.readUInt32LE(locator) === 0x07064b50) {
    const recordAt = Number(tail.readBigUInt64LE(locator + 8));
    const record = Buffer.from(file.read(recordAt, recordAt + 56));
    if (record.length < 56 || record.readUInt32LE(0) !== 0x06064b50)
      throw damaged(file, "a record of zip64");
    count = Number(record.readBigUInt64LE(32));
    size = Number(record.readBigUInt64LE(40));
    start = Number(record.readBigUInt64LE(48));
  }
  if (start + size > file.size) throw damaged(file, `a directory of ${size} bytes`);
  return { start, size, count };
}

/** Unpacked size, packed size and place of a file; the three stand in the extra field beyond 4 GiB. */
function sizesOf(view: DataView, at: number, extra: DataView): [number, number, number] {
  const plain = [24, 20, 42].map((field) => view.getUint32(at + field, true));
  for (let field = 0; field + 4 <= extra.byteLength; ) {
    const length = extra.getUint16(field + 2, true);
    const end = Math.min(field + 4 + length, extra.byteLength);
    if (extra.getUint16(field, true) === 1) {
      let next = field + 4;
      for (const [place, value] of plain.entries())
        if (value === 0xffffffff && next + 8 <= end) {
          plain[place] = Number(extra.getBigUint64(next, true));
          next += 8;
        }
    }
    field += 4 + length;
  }
  return plain as [number, number, number];
}

/** Where a file's content begins, behind its own header. */
function contentOf(file: RangeFile, offset: number, packed: number, name: string): number {
  const header = Buffer.from(file.read(offset, offset + 30));
  if (header.length < 30 || header.readUInt32LE(0) !== 0x04034b50)
    throw damaged(file, `a file at byte ${offset}`);
  const start = offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + packed > file.size) throw damaged(file, `${packed} bytes of ${quoted(name)}`);
  return start;
}

function damaged(file: RangeFile, what: string): InputError {
  return new InputError(
    `Expected a whole zip archive in ${file.path} but it claims ${what}, which is not there or cannot ` +
      "be; the file is damaged: fetch it again",
  );
}
