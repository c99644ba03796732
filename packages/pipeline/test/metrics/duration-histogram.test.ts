import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DurationHistogram, NewCells } from "../../src/engine.js";

const histogramOf = (durations: readonly number[]) => {
  const histogram = new DurationHistogram(new NewCells());
  for (const duration of durations) histogram.add(duration);
  return histogram;
};

const durations = fc.array(fc.integer({ min: 1, max: 1_000_000_000 }), {
  minLength: 1,
  maxLength: 50,
});
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe("a histogram of durations", () => {
  it("tells percentiles to 1 %, the largest exactly, whole or of parts", () => {
    fc.assert(
      fc.property(durations, durations, share, (some, others, part) => {
        const sorted = [...some, ...others].sort((a, b) => a - b);
        const histogram = histogramOf(some);
        histogram.addAll(histogramOf(others));
        const rank = Math.max(1, Math.ceil(part * sorted.length));
        const exact = sorted[rank - 1] as number;
        expect(Math.abs(histogram.percentile(part) / exact - 1)).toBeLessThan(0.0101);
        expect(histogram.count).toBe(sorted.length);
        expect([histogram.smallest, histogram.largest]).toEqual([sorted[0], sorted.at(-1)]);
      }),
    );
  });

  it("tells them exactly where all are the same, and 0 where there are none", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.nat(20), share, (each, more, part) => {
        const histogram = histogramOf(new Array<number>(1 + more).fill(each));
        histogram.addAll(histogramOf([]));
        expect(histogram.percentile(part)).toBe(each);
      }),
    );
    expect(histogramOf([]).percentile(0.5)).toBe(0);
  });
});
