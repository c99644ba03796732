import type { AlgorithmShape, Allocate, OclAlgorithm } from "./contract.js";
import { ToyRun } from "./toy-run.js";

/** Creates the algorithm under test for a shape, with the check's seed and allocator. */
export type MakeAlgorithm = (
  shape: AlgorithmShape,
  options: { readonly seed: number; readonly allocate?: Allocate },
) => OclAlgorithm;

/** One claim about an algorithm; `run` throws if it does not hold. */
export interface AlgorithmCheck {
  readonly claim: string;
  run(make: MakeAlgorithm): void;
}

/** Items of a long run: more than most algorithms wait before they begin. */
export const long = 240;

export function attached(algorithm: OclAlgorithm): OclAlgorithm {
  // A run hands it the model.
  new ToyRun(algorithm);
  return algorithm;
}

export function allFinite(values: readonly number[]): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new Error(`Expected finite numbers but found ${values[at]} at ${at}`);
}

export function same(actual: readonly number[], expected: readonly number[]): void {
  const at = expected.findIndex((value, index) => !Object.is(value, actual[index]));
  if (at >= 0 || actual.length !== expected.length)
    throw new Error(`Expected ${expected[at]} at ${at} but found ${actual[at]}`);
}

/** Whether vectors agree up to a share of the expected one's length. */
export function near(
  what: string,
  actual: readonly number[],
  expected: readonly number[],
  share: number,
): void {
  const norm = (values: readonly number[]) => Math.hypot(...values);
  const away = norm(expected.map((value, index) => value - (actual[index] as number)));
  if (!(away <= share * norm(expected) + 1e-6))
    throw new Error(
      `Expected ${what} of length ${norm(expected)} but received one of ${norm(actual)}, ${away} away`,
    );
}
