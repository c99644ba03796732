import { crc32, inflateSync } from "node:zlib";
import type { DecodedImage } from "./packed-images.js";

const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

/** Chunks that change what pixels mean, or are damage in such an image: all of those are left to sharp. */
const plainChunks = new Set([
  "IHDR",
  "IDAT",
  "IEND",
  "tEXt",
  "zTXt",
  "iTXt",
  "tIME",
  "pHYs",
  "sRGB",
]);

/** Larger images are left to sharp: what it costs beside decoding is little of them. */
const mostEdge = 1_024;

/**
 * Decodes a plain PNG: 8 bits, grey or red, green and blue, not interlaced, without transparency and
 * colour profile. PNG loses nothing, so that the pixels are those of any decoder; that of small images takes
 * sharp ten times as long as this.
 *
 * @returns null for any other image, and for a damaged one: sharp decodes it, or tells what is wrong.
 */
export function decodePlainPng(file: Uint8Array): DecodedImage | null {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < 57 || !bytes.subarray(0, 8).equals(signature)) return null;
  const packed: Buffer[] = [];
  let header: Buffer | undefined;
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) return null;
    const length = bytes.readUInt32BE(at);
    const end = at + 12 + length;
    if (end > bytes.length) return null;
    const type = bytes.toString("latin1", at + 4, at + 8);
    if (!plainChunks.has(type)) return null;
    if (crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) return null;
    const content = bytes.subarray(at + 8, end - 4);
    if (type === "IHDR") header = content;
    else if (type === "IDAT") packed.push(content);
    else if (type === "IEND") break;
    at = end;
  }
  if (header?.length !== 13) return null;
  const width = header.readUInt32BE(0);
  const height = header.readUInt32BE(4);
  const [depth, colour, compression, filtering, interlace] = header.subarray(8);
  const channels = colour === 2 ? 3 : colour === 0 ? 1 : 0;
  if (depth !== 8 || channels === 0 || compression !== 0 || filtering !== 0 || interlace !== 0)
    return null;
  if (width < 1 || height < 1 || width > mostEdge || height > mostEdge) return null;
  const rowLength = width * channels;
  const rows = inflated(packed, (rowLength + 1) * height);
  if (!rows || !unfilter(rows, rowLength, height, channels)) return null;
  return { pixels: inColour(rows, rowLength, height, channels), shape: [height, width, 3] };
}

function inflated(packed: readonly Buffer[], length: number): Buffer | null {
  try {
    const [only, ...others] = packed;
    if (only === undefined) return null;
    const rows = inflateSync(others.length > 0 ? Buffer.concat(packed) : only, {
      maxOutputLength: length + 1,
      chunkSize: Math.max(64, length + 1),
    });
    return rows.length === length ? rows : null;
  } catch {
    return null;
  }
}

/** Takes the filters back (PNG, section 9), in place; each row has its filter's number in front. */
function unfilter(rows: Buffer, rowLength: number, height: number, step: number): boolean {
  const stride = rowLength + 1;
  for (let row = 0; row < height; row++) {
    const start = row * stride + 1;
    const filter = rows[start - 1];
    if (filter === 0) continue;
    if (filter === undefined || filter > 4) return false;
    for (let at = 0; at < rowLength; at++) {
      const left = at >= step ? rows[start + at - step]! : 0;
      const above = row > 0 ? rows[start + at - stride]! : 0;
      const corner = at >= step && row > 0 ? rows[start + at - stride - step]! : 0;
      const guess =
        filter === 1
          ? left
          : filter === 2
            ? above
            : filter === 3
              ? (left + above) >> 1
              : paeth(left, above, corner);
      rows[start + at] = rows[start + at]! + guess;
    }
  }
  return true;
}

/** Of three neighbours the one that is nearest to left + above - corner. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** The rows without their filters, grey ones in three equal channels. */
function inColour(rows: Buffer, rowLength: number, height: number, channels: number): Uint8Array {
  const width = rowLength / channels;
  const pixels = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row++) {
    const from = row * (rowLength + 1) + 1;
    const to = 3 * row * width;
    if (channels === 3) pixels.set(rows.subarray(from, from + rowLength), to);
    else
      for (let column = 0; column < width; column++)
        pixels.fill(rows[from + column]!, to + 3 * column, to + 3 * column + 3);
  }
  return pixels;
}
