import { describe, expect, it } from "vitest";
import { curvatureNumbers, PartCurvature, partSums } from "../src/algorithms/block-curvature.js";
import { noiseOfAverage, noiseOfDifference } from "../src/algorithms/secant-rules.js";

const staleness = 4;
const [fastRate, slowRate] = [1 / 2, 1 / 3];
const averageNoise = noiseOfAverage(fastRate);
const differenceNoise = noiseOfDifference(fastRate, slowRate);

/** Of a gradient of square `norm` and a step of length `step`, that y and g lie along as told. */
function sumsOf(step: number, alongY: number, alongG: number, norm: number, average: number) {
  const sums = partSums();
  sums.set([step * alongY, step * step, step * alongG, norm, average]);
  return sums;
}

function measured(isWide: boolean, ...rows: ReturnType<typeof sumsOf>[]): PartCurvature {
  const part = new PartCurvature(new Float64Array(curvatureNumbers / 2), isWide);
  for (const sums of rows) part.measure(sums, staleness, averageNoise, differenceNoise);
  return part;
}

const repeat = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe("the curvature of a part", () => {
  it("is that of secants, and unknown until weights have moved", () => {
    expect(measured(false, sumsOf(0, 0, 0, 1, 1)).isKnown).toBe(false);
    const part = measured(false, ...repeat(9, sumsOf(0.1, 0.3, 0, 1, 1)));
    expect(part.isKnown).toBe(true);
    expect(part.curvature).toBeCloseTo(3, 10);
  });

  it("stays about where it was when gradients jump that weights had no part in", () => {
    const before = repeat(40, sumsOf(0.1, 0.3, 0, 1, 1));
    const jump = sumsOf(0.1, 30, 0, 1e4, 1e4);
    const curvature = measured(false, ...before, jump, jump, jump).curvature;
    expect(curvature).toBeGreaterThan(3);
    expect(curvature).toBeLessThan(3.5);
  });

  it("follows once weights have moved as far as gradients jumped", () => {
    const before = repeat(40, sumsOf(0.1, 0.3, 0, 1, 1));
    const after = repeat(90, sumsOf(10, 50, 0, 1e4, 1e4));
    expect(measured(false, ...before, ...after).curvature).toBeCloseTo(5, 1);
  });

  it("of many directions is 0 where noise would measure as much, of few it is not lessened", () => {
    // Fast average without a mean: of the noise, what n gradients leave of it.
    const noise = fastRate / (2 - fastRate);
    const slight = repeat(40, sumsOf(0.01, 0.001, 0, 1, noise));
    expect(measured(true, ...slight).curvature).toBe(0);
    expect(measured(false, ...slight).curvature).toBeCloseTo(0.1, 10);
    const strong = repeat(40, sumsOf(0.1, 0.3, 0, 1, noise));
    const wide = measured(true, ...strong).curvature;
    expect(wide).toBeGreaterThan(2.7);
    expect(wide).toBeLessThan(3);
  });

  it("takes gradients that are all alike for no noise", () => {
    const part = measured(true, ...repeat(40, sumsOf(0.01, 0.001, 0, 1, 1)));
    expect(part.signal).toBeCloseTo(1, 10);
    expect(part.curvature).toBeCloseTo(0.1, 10);
  });

  it("has the cosine of gradients with the way before for its turn", () => {
    const turnOf = (alongG: number) =>
      measured(false, ...repeat(400, sumsOf(0.1, 0, alongG, 4, 4))).turn;
    expect(turnOf(-2)).toBeCloseTo(-1, 6);
    expect(turnOf(0)).toBe(0);
    expect(turnOf(1)).toBeCloseTo(0.5, 6);
    expect(turnOf(20)).toBe(1);
  });

  it("counts for less where a gradient is longer than the usual ones, and for all of it elsewhere", () => {
    const easeOf = (norm: number) => {
      const before = repeat(400, sumsOf(0.1, 0.3, 0, 4, 4));
      return measured(false, ...before, sumsOf(0.1, 0.3, 0, norm ** 2, 4)).ease(norm ** 2);
    };
    // A gradient counts for a fifth in the average, 1 / (1 + staleness).
    expect(easeOf(20)).toBeCloseTo((4 * 4 + 20 ** 2) / 5 / 20 ** 2, 6);
    expect(easeOf(2)).toBeCloseTo(1, 6);
    expect(easeOf(1)).toBe(1);
    expect(easeOf(0)).toBe(1);
  });

  it("gives numbers where all is zero", () => {
    const { curvature, signal, turn, isKnown } = measured(true, partSums(), partSums());
    expect([curvature, signal, turn, isKnown]).toEqual([0, 0, 0, false]);
  });
});
