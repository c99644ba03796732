import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agm } from "../src/metrics/agm.js";
import { addCounts, countTotal } from "../src/metrics/histogram.js";
import { PrequentialAccuracy } from "../src/metrics/prequential.js";
import { estimate } from "../src/metrics/statistics.js";

fc.configureGlobal({ seed: 20_250_611 });

describe("agm", () => {
  it("is Eq. 17: points of accuracy, less the natural logarithm of the memory ratio", () => {
    expect(agm(80, 10, 60, 10)).toBe(20);
    expect(agm(80, Math.E, 60, 1)).toBeCloseTo(19, 12);
    expect(agm(70, 2, 60, 1)).toBeCloseTo(9.306_852_819_440_055, 12); // ln 2 = 0.693147...
    expect(agm(70, 1, 60, 4)).toBeCloseTo(11.386_294_361_119_89, 12);
  });

  it("is nothing against oneself, and changes its sign when the two swap", () => {
    const accuracy = fc.double({ min: 0, max: 100, noNaN: true });
    const memory = fc.integer({ min: 1, max: 2 ** 40 });
    fc.assert(
      fc.property(accuracy, memory, accuracy, memory, (first, small, second, large) => {
        expect(agm(first, small, first, small)).toBe(0);
        expect(agm(first, small, second, large)).toBeCloseTo(-agm(second, large, first, small), 9);
      }),
    );
  });
});

const anyScores = fc.record({
  planned: fc.integer({ min: 1, max: 700 }),
  window: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
  scores: fc.array(
    fc
      .integer({ min: 1, max: 32 })
      .chain((size) => fc.tuple(fc.integer({ min: 0, max: size }), fc.constant(size))),
    { maxLength: 500 },
  ),
});

/** Percentage of right samples, the plain way. */
function share(scores: readonly (readonly [number, number])[]): number {
  const right = scores.reduce((sum, [correct]) => sum + correct, 0);
  const all = scores.reduce((sum, [, size]) => sum + size, 0);
  return all === 0 ? 0 : (100 * right) / all;
}

describe("prequential accuracy", () => {
  it("is the naive one at every moment, whole and windowed", () => {
    fc.assert(
      fc.property(anyScores, ({ planned, window, scores }) => {
        const accuracy = new PrequentialAccuracy({
          items: planned,
          batch: 1,
          ...(window === undefined ? {} : { window }),
        });
        const back = window ?? Math.ceil(planned / 20);
        for (const [index, [correct, size]] of scores.entries()) {
          accuracy.add(correct, size);
          expect(accuracy.oacc).toBe(share(scores.slice(0, index + 1)));
          expect(accuracy.windowed).toBe(
            share(scores.slice(Math.max(0, index + 1 - back), index + 1)),
          );
        }
      }),
      { numRuns: 50 },
    );
  });

  it("draws a curve of at most 200 rising points that ends now, also where a stream was stopped", () => {
    fc.assert(
      fc.property(anyScores, ({ planned, scores }) => {
        const accuracy = new PrequentialAccuracy({ items: planned, batch: 1 });
        const seen = scores.slice(0, planned);
        for (const [correct, size] of seen) accuracy.add(correct, size);
        const { items, oacc, windowed, window } = accuracy.curve();
        expect(items.length).toBeLessThanOrEqual(200);
        expect(items).toEqual([...new Set(items)].sort((a, b) => a - b));
        expect(items.at(-1) ?? 0).toBe(seen.length);
        expect(oacc).toEqual(items.map((count) => share(seen.slice(0, count))));
        expect(windowed).toEqual(
          items.map((count) => share(seen.slice(Math.max(0, count - window), count))),
        );
        if (planned <= 200) expect(items.length).toBe(seen.length);
      }),
      { numRuns: 100 },
    );
  });

  it("counts items beyond the planned number, but does not draw them", () => {
    const accuracy = new PrequentialAccuracy({ items: 2, batch: 4, window: 2 });
    for (const correct of [4, 0, 2]) accuracy.add(correct);
    expect([accuracy.oacc, accuracy.windowed]).toEqual([50, 25]);
    expect(accuracy.curve().items).toEqual([1, 2]);
  });

  it("is 0 before the first item", () => {
    const accuracy = new PrequentialAccuracy({ items: 5, batch: 1 });
    expect([accuracy.oacc, accuracy.windowed, accuracy.curve().items]).toEqual([0, 0, []]);
  });
});

describe("statistics", () => {
  it("knows mean and standard error: 2, 4, 9 vary by 13, and a third of that is 13/3", () => {
    const { mean, error, count } = estimate([2, 4, 9]);
    expect([mean, count]).toEqual([5, 3]);
    expect(error).toBeCloseTo(Math.sqrt(13 / 3), 12);
  });

  it("has the closed form of 0 .. n-1: mean (n-1)/2, squared error (n+1)/12", () => {
    for (const n of [2, 3, 10, 101]) {
      const { mean, error } = estimate(Array.from({ length: n }, (_, value) => value));
      expect(mean).toBeCloseTo((n - 1) / 2, 10);
      expect((error as number) ** 2).toBeCloseTo((n + 1) / 12, 10);
    }
  });

  it("claims no error from one value", () => {
    expect(estimate([7])).toEqual({ mean: 7, error: null, count: 1 });
  });
});

describe("histogram", () => {
  it("adds as if all values had been counted in one", () => {
    const histogram = (values: readonly number[]) => {
      const counts: number[] = [];
      for (const value of values) {
        while (counts.length <= value) counts.push(0);
        counts[value]! += 1;
      }
      return counts;
    };
    const values = fc.array(fc.nat(20), { maxLength: 30 });
    fc.assert(
      fc.property(fc.array(values, { maxLength: 5 }), (runs) => {
        expect(addCounts(runs.map(histogram))).toEqual(histogram(runs.flat()));
        expect(countTotal(addCounts(runs.map(histogram)))).toBe(runs.flat().length);
      }),
    );
  });
});
