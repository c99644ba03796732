import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LabelledData } from "../src/datasets/contract.js";
import { turnedImages } from "../src/datasets/turned-images.js";

const mean = [0.2, 0.5];
const deviation = [0.3, 0.25];

/** One image of bytes with two channels. */
function imageOf(bytes: readonly number[], height: number, width: number): LabelledData {
  return {
    count: 1,
    classes: 1,
    inputShape: [height, width, 2],
    pixels: { mean, deviation },
    read(_, x, offset) {
      bytes.forEach((byte, at) => {
        x[offset + at] = (byte / 255 - mean[at % 2]!) / deviation[at % 2]!;
      });
    },
    label: () => 0,
  };
}

/** Bytes of the image turned by an angle, as `[row][column][channel]`. */
function turned(bytes: readonly number[], height: number, width: number, angle: number) {
  const x = new Float32Array(3 + bytes.length);
  turnedImages(imageOf(bytes, height, width)).readRotated(0, angle, x, 3);
  const back = [...x.subarray(3)].map((value, at) => {
    const byte = 255 * (value * deviation[at % 2]! + mean[at % 2]!);
    expect(Math.abs(byte - Math.round(byte))).toBeLessThan(1e-3);
    return Math.round(byte) + 0;
  });
  return (row: number, column: number, channel: number) =>
    back[(row * width + column) * 2 + channel]!;
}

const image = fc
  .record({ height: fc.integer({ min: 1, max: 7 }), width: fc.integer({ min: 1, max: 7 }) })
  .chain(({ height, width }) =>
    fc.record({
      height: fc.constant(height),
      width: fc.constant(width),
      bytes: fc.array(fc.integer({ min: 0, max: 255 }), {
        minLength: 2 * height * width,
        maxLength: 2 * height * width,
      }),
    }),
  );

describe("images that are turned", () => {
  it("are as they were at 0 degrees, and upside down at 180", () => {
    fc.assert(
      fc.property(image, ({ height, width, bytes }) => {
        const same = turned(bytes, height, width, 0);
        const over = turned(bytes, height, width, 180);
        for (let row = 0; row < height; row++)
          for (let column = 0; column < width; column++)
            for (const channel of [0, 1]) {
              const byte = bytes[(row * width + column) * 2 + channel];
              expect(same(row, column, channel)).toBe(byte);
              expect(over(height - 1 - row, width - 1 - column, channel)).toBe(byte);
            }
      }),
    );
  });

  it("have at 90 degrees on the left what was on top", () => {
    const size = 5;
    const bytes = Array.from({ length: 2 * size * size }, (_, at) => (at * 37) % 256);
    const left = turned(bytes, size, size, 90);
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++)
        for (const channel of [0, 1])
          expect(left(size - 1 - column, row, channel)).toBe(
            bytes[(row * size + column) * 2 + channel],
          );
  });

  it("take the mean of the pixels around, and black from outside", () => {
    // A white pixel amid black ones, turned by 45 degrees: the neighbours on the axes are sqrt(1/2)
    // of a pixel away in each direction from where they come from.
    const bytes = new Array<number>(18).fill(0);
    bytes[8] = 255;
    bytes[9] = 255;
    const at = turned(bytes, 3, 3, 45);
    expect(at(1, 1, 0)).toBe(255);
    expect(at(0, 1, 0)).toBe(Math.round(255 * (1 - Math.SQRT1_2) ** 2));
    expect(at(0, 0, 1)).toBe(0);
    const white = turned(new Array<number>(18).fill(255), 3, 3, 45);
    expect(white(0, 0, 0)).toBe(Math.round(255 * (2 - Math.SQRT2)));
  });
});
