import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adaptiveFisher } from "../src/algorithms/adaptive-fisher.js";
import { blockFisher } from "../src/algorithms/block-fisher.js";
import { closedForm } from "../src/algorithms/closed-form.js";
import { delayAdaptive } from "../src/algorithms/delay-adaptive.js";
import { fisher } from "../src/algorithms/fisher.js";
import { fisherCap } from "../src/algorithms/fisher-cap.js";
import { gapAware } from "../src/algorithms/gap-aware.js";
import { iterFisher } from "../src/algorithms/iter-fisher.js";
import { stepAware } from "../src/algorithms/step-aware.js";
import { type Compensator, createCompensator, InputError } from "../src/index.js";
import { pageHinkleyNumbers } from "../src/page-hinkley.js";
import { bare } from "./bare.js";

const floats = (...values: number[]) => Float32Array.from(values);
const context = (staleness: number, learningRate = 0.1) => ({ staleness, learningRate });

/** What a compensator makes of a gradient, one number a parameter. */
function repaired<State>(
  compensator: Compensator<State>,
  gradient: readonly number[],
  versions: readonly (readonly number[])[],
  staleness = versions.length - 1,
  state = compensator.init({ parameterCount: gradient.length }),
): number[] {
  return [
    ...compensator.update({
      gradient: floats(...gradient),
      versions: versions.map((version) => floats(...version)),
      state,
      ...context(staleness),
    }),
  ];
}

const number = fc.double({ min: -2, max: 2, noNaN: true });
const three = fc.tuple(number, number, number);

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((value, index) => {
    expect(value).toBeCloseTo(expected[index] as number, 4);
  });
}

/** The method against its formula in double precision: g, d = now - then. */
function follows<State>(
  make: () => Compensator<State>,
  formula: (g: number, d: number) => number,
): void {
  fc.assert(
    fc.property(three, three, three, (gradient, origin, newest) => {
      const expected = gradient.map((g, i) => formula(g, newest[i]! - origin[i]!));
      expectClose(repaired(make(), gradient, [origin, newest]), expected);
    }),
  );
}

describe("the methods by their formulas", () => {
  it("step-aware: g / (tau + 1)", () => {
    expectClose(
      repaired(
        bare(stepAware),
        [2, -6],
        [
          [0, 0],
          [1, 1],
        ],
        3,
      ),
      [0.5, -1.5],
    );
  });

  it("delay-adaptive: g / (1 + c tau lr)", () => {
    const compensator = bare(delayAdaptive, { delayStrength: 4 });
    expectClose(repaired(compensator, [3], [[0], [1]], 5), [3 / (1 + 4 * 5 * 0.1)]);
  });

  it("fisher: one clamped Taylor step between the ends", () => {
    const clamp = (factor: number) => Math.min(2, Math.max(0, factor));
    follows(
      () => bare(fisher, { lambda: 0.4 }),
      (g, d) => g * clamp(1 + 0.4 * g * d),
    );
    const [ends, between] = [
      [[0], [3]],
      [[0], [9], [3]],
    ];
    const compensator = bare(fisher);
    expect(repaired(compensator, [1], ends!)).toEqual(repaired(compensator, [1], between!));
  });

  it("adaptive-fisher: lambda / sqrt(mean square) for each parameter", () => {
    const clamp = (factor: number) => Math.min(2, Math.max(0, factor));
    follows(
      () => bare(adaptiveFisher, { lambda: 0.4 }),
      (g, d) => g * clamp(1 + (0.4 / Math.sqrt(0.05 * g * g + 1e-7)) * g * d),
    );
  });

  it("gap-aware: the first gap counts in steps of lr |g|", () => {
    follows(
      () => bare(gapAware),
      (g, d) => g / (1 + Math.abs(d) / (0.1 * (Math.abs(g) + 1e-8))),
    );
  });

  it("closed-form: g / (1 - lambda g d), at most doubled", () => {
    follows(
      () => bare(closedForm, { lambda: 0.4 }),
      (g, d) => g / Math.max(0.5, 1 - 0.4 * g * d),
    );
  });

  it("fisher-cap: g / (1 + kappa tau lr F) with F from the bias-corrected square", () => {
    follows(
      () => bare(fisherCap, { capStrength: 30 }),
      (g) => g / (1 + 30 * 0.1 * g * g),
    );
  });

  it("block-fisher: g + lambda g <g, d> inside its trust region", () => {
    const compensator = bare(blockFisher, { lambda: 0.2, trustRadius: 0.5 });
    const product = 1 * 0.3 + 2 * -0.4;
    const factor = 1 + 0.2 * product;
    expectClose(
      repaired(
        compensator,
        [1, 2],
        [
          [0, 0],
          [0.3, -0.4],
        ],
      ),
      [factor, 2 * factor],
    );
    expectClose(
      repaired(
        compensator,
        [1, 2],
        [
          [0, 0],
          [-9, -9],
        ],
      ),
      [0.5, 1],
    );
    expectClose(
      repaired(
        compensator,
        [1, 2],
        [
          [0, 0],
          [9, 9],
        ],
      ),
      [1.5, 3],
    );
  });
});

describe("closed-form", () => {
  it("is the limit of ever smaller steps of iter-fisher", () => {
    const ends: [number, number] = [0.2, -0.9];
    const way = (steps: number) =>
      Array.from({ length: steps + 1 }, (_, k) => [ends[0] + ((ends[1] - ends[0]) * k) / steps]);
    const options = { lambda: 0.6, lambdaRate: 0 };
    const [limit] = repaired(bare(closedForm, { lambda: 0.6 }), [0.8], way(1));
    const errors = [1, 10, 100].map((steps) =>
      Math.abs(repaired(bare(iterFisher, options), [0.8], way(steps))[0]! - limit!),
    );
    expect(errors[1]).toBeLessThan(0.2 * errors[0]!);
    expect(errors[2]).toBeLessThan(0.2 * errors[1]!);
  });

  it("is exact for a loss whose curvature is lambda g^2", () => {
    // g(theta) = 1 / (c - lambda theta) solves dg/dtheta = lambda g^2.
    const [lambda, c] = [0.5, 2];
    const at = (theta: number) => 1 / (c - lambda * theta);
    const [result] = repaired(bare(closedForm, { lambda }), [at(0.3)], [[0.3], [-0.7]]);
    expect(result).toBeCloseTo(at(-0.7), 6);
  });
});

describe("delay-adaptive on a quadratic", () => {
  /** |theta| after 300 steps of late descent on h/2 theta^2 from 1. */
  function descend(compensator: Compensator | null, h: number, delay: number): number {
    const state = compensator?.init({ parameterCount: 1 });
    const versions = [floats(1)];
    for (let step = 0; step < 300; step++) {
      const gradient = floats(h * versions[0]![0]!);
      compensator?.update({ gradient, versions, state, ...context(versions.length - 1) });
      versions.push(floats(versions.at(-1)![0]! - 0.1 * gradient[0]!));
      if (versions.length > delay + 1) versions.shift();
    }
    return Math.abs(versions.at(-1)![0]!);
  }

  it("keeps late descent stable where it diverges untreated", () => {
    expect(descend(null, 2, 16)).toBeGreaterThan(10);
    expect(descend(bare(delayAdaptive, { delayStrength: Math.E * 2 }), 2, 16)).toBeLessThan(0.1);
  });
});

describe("drift-aware", () => {
  /** Values that its detector has seen since it last forgot. */
  const settle = (jump: number) => {
    const compensator = createCompensator("drift-aware", { lambda: 0.2, lambdaRate: 0.01 });
    const kept: Float64Array[] = [];
    const state = compensator.init({
      parameterCount: 2,
      numbers(count) {
        const numbers = new Float64Array(count);
        kept.push(numbers);
        return numbers;
      },
    });
    for (let step = 0; step < 60; step++) {
      const size = (1 + 0.1 * Math.sin(7 * step)) * (step < 50 ? 1 : jump);
      const gradient = floats(size, -size);
      const versions = [floats(0, 0), floats(0.1, 0.1)];
      compensator.update({ gradient, versions, state, ...context(1) });
    }
    return kept.find(({ length }) => length === pageHinkleyNumbers)?.[0];
  };

  it("forgets at an abrupt change and not before", () => {
    expect(settle(1)).toBe(60);
    expect(settle(30)).toBeLessThan(10);
  });
});

it.each([
  ["lambda", "fisher", -1],
  ["lambda", "adaptive-fisher", Number.NaN],
  ["lambda", "closed-form", Number.POSITIVE_INFINITY],
  ["delayStrength", "delay-adaptive", -1],
  ["capStrength", "fisher-cap", -1],
  ["trustRadius", "block-fisher", 2],
  ["leadReach", "secant", -1],
  ["driftTolerance", "drift-aware", -1],
  ["driftThreshold", "drift-aware", 0],
  ["lambda", "iter-fisher", -1],
  ["emaDecay", "iter-fisher", 1],
  ["lambdaRate", "iter-fisher", Number.NaN],
  ["lambdaPenalty", "iter-fisher", Number.POSITIVE_INFINITY],
])("refuses a wrong %s of %s", (option, name, value) => {
  const make = () => createCompensator(name, { [option]: value });
  expect(make).toThrow(InputError);
  expect(make).toThrow(`for ${option} but received`);
});
