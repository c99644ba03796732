import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
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

const anyImage = fc
  .record({
    width: fc.integer({ min: 1, max: 24 }),
    height: fc.integer({ min: 1, max: 24 }),
    channels: fc.constantFrom(1 as const, 3 as const),
    level: fc.integer({ min: 0, max: 9 }),
    filtered: fc.boolean(),
    // Slopes make the encoder choose other filters than noise does.
    noise: fc.constantFrom(0, 3, 256),
    seed: fc.nat(),
  })
  .map(({ width, height, channels, level, filtered, noise, seed }) => {
    const raw = Uint8Array.from({ length: width * height * channels }, (_, at) => {
      const slope =
        9 * Math.floor(at / (channels * width)) + 5 * (Math.floor(at / channels) % width);
      return slope + ((Math.imul(seed + at, 2_654_435_761) >>> 9) % Math.max(noise, 1));
    });
    const png = { compressionLevel: level, adaptiveFiltering: filtered };
    return { image: sharp(raw, { raw: { width, height, channels } }), png };
  });

describe("plain PNGs", () => {
  it("decode to what sharp makes of them", async () => {
    await fc.assert(
      fc.asyncProperty(anyImage, async ({ image, png }) => {
        const file = new Uint8Array(await image.png(png).toBuffer());
        expect(decodePlainPng(file)).toEqual(await bySharp(file));
      }),
      { numRuns: 60 },
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
