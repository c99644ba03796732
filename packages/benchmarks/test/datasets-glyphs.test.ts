import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { LabelledData, RotatableData } from "../src/datasets/contract.js";
import { digitStyles } from "../src/datasets/glyph-outlines.js";
import { GlyphPen, glyphSize } from "../src/datasets/glyph-pen.js";
import { glyphs } from "../src/datasets/glyphs.js";

const length = glyphSize * glyphSize;

function image(data: LabelledData, index: number): Float32Array {
  const x = new Float32Array(length);
  data.read(index, x, 0);
  return x;
}

/** Grey values as bytes: what a checksum may depend on. */
function greys(x: Float32Array): Uint8Array {
  return Uint8Array.from(x, (value) => Math.round((value * 0.204 + 0.111) * 255));
}

describe("the pen", () => {
  it("inks by the distance to the nearest piece", () => {
    const pen = new GlyphPen();
    pen.clear();
    const pieces = [
      [5, 5, 20, 9],
      [20, 9, 20, 9],
      [-4, 3, 30, 26],
    ] as const;
    for (const [x0, y0, x1, y1] of pieces) pen.stroke(Float64Array.of(x0, y0, 1.5, x1, y1, 1.5), 2);
    for (let pixel = 0; pixel < length; pixel++) {
      const [x, y] = [pixel % glyphSize, Math.floor(pixel / glyphSize)];
      // Brute force: the nearest of many points along each piece.
      let nearest = Number.POSITIVE_INFINITY;
      for (const [x0, y0, x1, y1] of pieces)
        for (let step = 0; step <= 4000; step++) {
          const along = step / 4000;
          const point = [x0 + along * (x1 - x0), y0 + along * (y1 - y0)] as const;
          nearest = Math.min(nearest, Math.hypot(x - point[0], y - point[1]));
        }
      for (const softness of [1, 2]) {
        const ink = Math.min(Math.max(0.5 + (1.5 - nearest) / softness, 0), 1);
        expect(pen.ink(pixel, softness)).toBeCloseTo(ink, 2);
      }
    }
  });
});

describe("glyphs", () => {
  const { train, test, classNames } = glyphs(1);

  it("are 28x28x1 digits in two splits", () => {
    expect([train.count, test.count, train.classes]).toEqual([60_000, 2_000, 10]);
    expect(train.inputShape).toEqual([28, 28, 1]);
    expect(classNames).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    expect(digitStyles.every((styles) => styles.length === 3)).toBe(true);
  });

  it("are a function of seed and index, in any order of reading", () => {
    const forward = [0, 1, 2, 59_999].map((index) => [train.label(index), ...image(train, index)]);
    const other = glyphs(1).train;
    const backward = [59_999, 2, 1, 0].map((index) => [other.label(index), ...image(other, index)]);
    expect(backward.reverse()).toEqual(forward);
  });

  it("differ between indices, splits and seeds", () => {
    const images = [
      image(train, 0),
      image(train, 1),
      image(test, 0),
      image(glyphs(2).train, 0),
    ].map((x) => x.join());
    expect(new Set(images).size).toBe(4);
  });

  it("write at the offset and nowhere else", () => {
    const x = new Float32Array(length + 10).fill(99);
    train.read(3, x, 4);
    expect([...x.subarray(4, 4 + length)]).toEqual([...image(train, 3)]);
    expect([...x.subarray(0, 4), ...x.subarray(4 + length)]).toEqual(Array(10).fill(99));
  });

  it("keep the drawing of one image", () => {
    expect(train.label(7)).toBe(4);
    expect(
      createHash("sha256")
        .update(greys(image(train, 7)))
        .digest("hex"),
    ).toBe("8f54220f9204bbb900ad2eef8d317763dfe2911b24f47a4ec39fb8bb22dda2ee");
  });

  it("have all classes alike, mean 0 and deviation 1", () => {
    const counts = new Array<number>(10).fill(0);
    for (let index = 0; index < train.count; index++) counts[train.label(index)]! += 1;
    // Binomial: 6000 ± 5 standard deviations.
    for (const count of counts) expect(Math.abs(count - 6_000)).toBeLessThan(5 * Math.sqrt(5_400));
    let sum = 0;
    let squares = 0;
    for (let index = 0; index < 3_000; index++)
      for (const value of image(train, index)) {
        sum += value;
        squares += value * value;
      }
    const mean = sum / (3_000 * length);
    expect(mean).toBeCloseTo(0, 1);
    expect(Math.sqrt(squares / (3_000 * length) - mean ** 2)).toBeCloseTo(1, 1);
  });

  it("turn anticlockwise by the given angle", () => {
    const data = train as RotatableData;
    const [upright, turned] = [new Float32Array(length), new Float32Array(length)];
    // The digit's own place is off the center, so compare the spread of the ink along the axes, over
    // ones: tall when upright, wide at 90 degrees.
    const ones = Array.from({ length: 600 }, (_, index) => index).filter(
      (i) => train.label(i) === 1,
    );
    const spread = { upright: 0, turned: 0 };
    for (const index of ones) {
      data.readRotated(index, 0, upright, 0);
      data.readRotated(index, 90, turned, 0);
      spread.upright += elongation(upright);
      spread.turned += elongation(turned);
    }
    expect(spread.upright / ones.length).toBeGreaterThan(2);
    expect(spread.turned / ones.length).toBeLessThan(0.5);
    data.readRotated(5, 0, turned, 0);
    expect([...turned]).toEqual([...image(train, 5)]);
  });

  it("can be learned, but not at once: nearest centroid and nearest neighbour", () => {
    const known = Array.from({ length: 2_000 }, (_, index) => image(train, index));
    const centroids = Array.from({ length: 10 }, (_, digit) => {
      const members = known.filter((_, index) => train.label(index) === digit);
      return Float32Array.from({ length }, (_, pixel) =>
        members.reduce((sum, member) => sum + member[pixel]! / members.length, 0),
      );
    });
    let byCentroid = 0;
    let byNeighbour = 0;
    const asked = 300;
    for (let index = 0; index < asked; index++) {
      const x = image(test, index);
      if (nearest(x, centroids) === test.label(index)) byCentroid += 1;
      if (train.label(nearest(x, known)) === test.label(index)) byNeighbour += 1;
    }
    expect(byCentroid / asked).toBeGreaterThan(0.4);
    expect(byNeighbour / asked).toBeGreaterThan(byCentroid / asked);
    expect(byNeighbour / asked).toBeLessThan(0.9);
  });
});

/** Variance of the ink's place along y over that along x. */
function elongation(x: Float32Array): number {
  const bytes = greys(x);
  const ink = Array.from(bytes, (grey) => (grey > 100 ? grey : 0));
  const total = ink.reduce((sum, grey) => sum + grey, 0);
  const variance = (place: (pixel: number) => number) => {
    const mean = ink.reduce((sum, grey, pixel) => sum + grey * place(pixel), 0) / total;
    return ink.reduce((sum, grey, pixel) => sum + grey * (place(pixel) - mean) ** 2, 0) / total;
  };
  return (
    variance((pixel) => Math.floor(pixel / glyphSize)) / variance((pixel) => pixel % glyphSize)
  );
}

function nearest(x: Float32Array, known: readonly Float32Array[]): number {
  let best = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, other] of known.entries()) {
    let distance = 0;
    for (let pixel = 0; pixel < x.length; pixel++) distance += (x[pixel]! - other[pixel]!) ** 2;
    if (distance < least) {
      least = distance;
      best = index;
    }
  }
  return best;
}
