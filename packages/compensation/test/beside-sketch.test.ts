import { describe, expect, it } from "vitest";
import { BesideSketch, sketchNumbers } from "../src/algorithms/beside-sketch.js";
import { TrackedColumns, trackedNumbers } from "../src/algorithms/tracked-columns.js";
import { referenceKernels as kernels } from "../src/index.js";

const learningRate = 0.01;
const rates = { pending: 0, staleness: 4, fastRate: 0.5, slowRate: 0.25 };

/**
 * What a sketch measures of 1/2 <theta, H theta>, H = `along` on the direction u and h on what is
 * beside it, where h is a curvature of each column; gradients come four updates late.
 */
function measured(
  rows: number,
  columns: number,
  along: number,
  beside: (column: number) => number,
) {
  const u = Float64Array.from({ length: rows }, (_, row) => 1 + Math.sin(row));
  const length = Math.hypot(...u);
  const direction = u.map((value) => value / length);
  const block = { offset: 0, length: rows * columns, rows, columns };
  const sketch = new BesideSketch(block, new Float64Array(sketchNumbers(block)), kernels);
  const tracked = new TrackedColumns(new Float64Array(trackedNumbers(columns)), columns);
  const versions = [Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(1.7 * i + 1))];
  const added = new Float64Array(columns);
  for (let step = 0; step < 80; step++) {
    const origin = versions[0] as Float32Array;
    const newest = versions.at(-1) as Float32Array;
    const projection = new Float64Array(columns);
    origin.forEach((theta, i) => {
      projection[i % columns]! += direction[Math.floor(i / columns)]! * theta;
    });
    const gradient = origin.map((theta, i) => {
      const column = i % columns;
      const part = direction[Math.floor(i / columns)]! * projection[column]!;
      return along * part + beside(column) * (theta - part);
    });
    kernels.rankOneSums(gradient, newest, origin, direction, tracked.projections);
    tracked.follow(0, rates.fastRate, rates.slowRate);
    sketch.measure(gradient, newest, origin, direction, tracked, rates);
    for (let column = 0; column < columns; column++)
      tracked.move(column, -learningRate * tracked.gradient[column]!);
    sketch.move(-learningRate, 1, 0, added);
    versions.push(newest.map((theta, i) => theta - learningRate * gradient[i]!));
    if (versions.length > 5) versions.shift();
  }
  return sketch.curvature.curvature;
}

describe("sketch of a matrix beside a direction", () => {
  it.each([
    [300, 3],
    [96, 2],
    [7, 5],
    [1000, 2],
  ])(
    "measures the curvature that all of it has, whatever there is along: %d x %d",
    (rows, columns) => {
      // Where y = h s, every sum of rows gives h.
      for (const along of [0, 3, 12])
        expect(measured(rows, columns, along, () => 2) / 2).toBeCloseTo(1, 1);
    },
  );

  it("measures between the curvatures of its columns, near what s weighs them by", () => {
    const h = measured(1000, 6, 12, (column) => (column < 3 ? 1 : 3));
    expect(h).toBeGreaterThan(1);
    expect(h).toBeLessThan(3);
  });
});
