import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { decodePlainPng } from "../src/datasets/png.js";
import { samples } from "./sample-files.js";

/** What sharp makes of it, in three channels. */
async function bySharp(file: Uint8Array) {
  const { data, info } = await sharp(file)
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { pixels: new Uint8Array(data), shape: [info.height, info.width, info.channels] };
}

function chunk(type: string, content: Uint8Array): Buffer {
  const typed = Buffer.concat([Buffer.from(type), content]);
  const word = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  return Buffer.concat([word(content.length), typed, word(crc32(typed))]);
}

/** Any bytes are an image's filtered rows, so that no encoder is needed: each row's filter is drawn too. */
const anyImage = fc
  .record({
    width: fc.integer({ min: 1, max: 7 }),
    height: fc.integer({ min: 1, max: 7 }),
    channels: fc.constantFrom(1, 3),
    // Few different bytes make neighbours equal, where the filters' rules for ties matter.
    most: fc.constantFrom(2, 6, 255),
    pieces: fc.integer({ min: 1, max: 3 }),
  })
  .chain(({ width, height, channels, most, pieces }) =>
    fc
      .array(
        fc.record({
          filter: fc.integer({ min: 0, max: 4 }),
          row: fc.uint8Array({
            minLength: width * channels,
            maxLength: width * channels,
            max: most,
          }),
        }),
        { minLength: height, maxLength: height },
      )
      .map((rows) => {
        const header = Buffer.alloc(13);
        header.writeUInt32BE(width, 0);
        header.writeUInt32BE(height, 4);
        header[8] = 8;
        header[9] = channels === 3 ? 2 : 0;
        const filtered = rows.flatMap(({ filter, row }) => [Buffer.of(filter), row]);
        const packed = deflateSync(Buffer.concat(filtered));
        const step = Math.ceil(packed.length / pieces);
        const data = Array.from({ length: pieces }, (_, piece) =>
          chunk("IDAT", packed.subarray(piece * step, (piece + 1) * step)),
        );
        const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
        return Buffer.concat([
          signature,
          chunk("IHDR", header),
          ...data,
          chunk("IEND", Buffer.alloc(0)),
        ]);
      }),
  );

describe("plain PNGs", () => {
  it("decode to what sharp makes of them", async () => {
    await fc.assert(
      fc.asyncProperty(anyImage, async (file) => {
        expect(decodePlainPng(file)).toEqual(await bySharp(file));
      }),
      { numRuns: 200 },
    );
  });

  it("are decoded of Pillow, too; others are left to sharp", async () => {
    const folder = join(samples, "folder/train/cat");
    const plain = readdirSync(folder).map((name) =>
      decodePlainPng(readFileSync(join(folder, name))),
    );
    // In colour, grey, and by palette.
    expect(plain.map((image) => image !== null)).toEqual([true, true, false]);
    expect(plain[0]).toEqual(await bySharp(readFileSync(join(folder, "0.png"))));
    const colours = sharp(new Uint8Array(4 * 4 * 4).fill(90), {
      raw: { width: 4, height: 4, channels: 4 },
    });
    expect(decodePlainPng(await colours.png().toBuffer())).toBeNull();
    expect(
      decodePlainPng(await colours.removeAlpha().png({ progressive: true }).toBuffer()),
    ).toBeNull();
    expect(decodePlainPng(await colours.removeAlpha().jpeg().toBuffer())).toBeNull();
  });

  it("are left to sharp where a byte is damaged or missing", () => {
    const whole = readFileSync(join(samples, "folder/train/cat/0.png"));
    for (let at = 0; at < whole.length; at++) {
      const damaged = Uint8Array.from(whole);
      damaged[at]! ^= 1 << (at % 8);
      expect(decodePlainPng(damaged)).toBeNull();
      expect(decodePlainPng(whole.subarray(0, at))).toBeNull();
    }
  });
});
