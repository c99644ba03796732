import { describe, expect, it } from "vitest";
import { Random, Reservoir } from "../src/index.js";

const allocate = (_: string, bytes: number) => new ArrayBuffer(bytes);
const single = (value: number) => ({
  x: Float32Array.of(value),
  labels: Int32Array.of(value),
  size: 1,
});

/** Pearson's statistic against equal expected counts. */
function chiSquare(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe("reservoir", () => {
  it("keeps every sample of the stream with equal probability", () => {
    const [length, capacity, runs] = [40, 10, 4000];
    const counts = Array<number>(length).fill(0);
    for (let seed = 0; seed < runs; seed++) {
      const reservoir = new Reservoir(capacity, 1, new Random(seed * 7919), allocate);
      for (let value = 0; value < length; value++) reservoir.add(single(value));
      for (const value of reservoir.save().x) counts[value]!++;
    }
    // 39 degrees of freedom: 72.1 is exceeded once in a thousand times.
    expect(chiSquare(counts, (runs * capacity) / length)).toBeLessThan(72.1);
  });

  it("draws every held sample with equal probability, none twice", () => {
    const reservoir = new Reservoir(20, 1, new Random(3), allocate);
    for (let value = 0; value < 20; value++) reservoir.add(single(value));
    const counts = Array<number>(20).fill(0);
    for (let run = 0; run < 4000; run++) {
      const target = { x: new Float32Array(5), labels: new Int32Array(5), size: 0 };
      expect(reservoir.draw(5, target, 0)).toBe(5);
      expect(new Set(target.x).size).toBe(5);
      for (const value of target.x) counts[value]!++;
    }
    // 19 degrees of freedom: 43.8 is exceeded once in a thousand times.
    expect(chiSquare(counts, 1000)).toBeLessThan(43.8);
  });

  it("gives what it has where more is asked for, behind the offset", () => {
    const reservoir = new Reservoir(20, 1, new Random(3), allocate);
    const target = { x: new Float32Array(8).fill(-1), labels: new Int32Array(8), size: 0 };
    expect(reservoir.draw(5, target, 2)).toBe(0);
    reservoir.add(single(7));
    expect(reservoir.draw(5, target, 2)).toBe(1);
    expect([...target.x]).toEqual([-1, -1, 7, -1, -1, -1, -1, -1]);
  });
});
