import { expect } from "vitest";
import type { Passes } from "./runtime-passes.js";

/**
 * Largest difference, as a share of the largest value of a vector (of 1, if that is less). Runtimes
 * differ by the order in which they add up floats.
 */
export const betweenRuntimes = 5e-5;

function expectClose(
  actual: Float32Array,
  expected: Float32Array,
  tolerance: number,
  what: string,
) {
  expect(actual.length).toBe(expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  for (let i = 0; i < actual.length; i++)
    if (!(Math.abs(actual[i]! - expected[i]!) <= tolerance * scale))
      expect.fail(`${what}: ${actual[i]} is not ${expected[i]} at ${i} (scale ${scale})`);
}

/** @param tolerance as `betweenRuntimes` is. */
export function expectSame(actual: Passes, expected: Passes, tolerance: number): void {
  expectClose(actual.output, expected.output, tolerance, "output");
  expectClose(actual.unsaved, expected.unsaved, tolerance, "output without saving");
  expectClose(actual.predicted, expected.predicted, tolerance, "prediction");
  expectClose(actual.inputGradient, expected.inputGradient, tolerance, "input gradient");
  expected.gradients.forEach((gradient, stage) => {
    expectClose(actual.gradients[stage]!, gradient, tolerance, `gradient of stage ${stage}`);
  });
}
