import { InputError } from "../errors.js";

/** A file in an archive; its content is a view of the archive's bytes. */
export interface TarEntry {
  readonly name: string;
  readonly content: Uint8Array;
}

const block = 512;

/**
 * The plain files of a tar archive (ustar), in order. Links, folders and extended headers are passed
 * over.
 *
 * @throws InputError when the archive is cut off or a header is damaged.
 */
export function tarEntries(bytes: Uint8Array, file: string): TarEntry[] {
  const entries: TarEntry[] = [];
  let position = 0;
  while (position + block <= bytes.length && bytes[position] !== 0) {
    const header = bytes.subarray(position, position + block);
    const digits = textOf(header, 124, 12);
    const size = Number.parseInt(digits, 8);
    // A negative size would lead back to a header that was read already, for ever.
    if (
      !/^[0-7]+$/.test(digits) ||
      checksumOf(header) !== Number.parseInt(textOf(header, 148, 8), 8)
    )
      throw new InputError(
        `Expected a tar header at byte ${position} of the unpacked ${file} but found something else; ` +
          "the archive is damaged: delete it and fetch it again",
      );
    const start = position + block;
    if (start + size > bytes.length)
      throw new InputError(
        `Expected ${size} bytes after byte ${start} of the unpacked ${file} but it ends at byte ` +
          `${bytes.length}; the archive is cut off: delete it and fetch it again`,
      );
    const type = header[156];
    if (type === 0 || type === "0".charCodeAt(0))
      entries.push({ name: textOf(header, 0, 100), content: bytes.subarray(start, start + size) });
    position = start + Math.ceil(size / block) * block;
  }
  return entries;
}

function textOf(header: Uint8Array, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(field.subarray(0, end < 0 ? length : end)).trim();
}

/** Sum of the header's bytes, those of the checksum itself counted as spaces. */
function checksumOf(header: Uint8Array): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
}
