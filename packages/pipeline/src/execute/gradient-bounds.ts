import { InputError } from "../errors.js";

/**
 * The largest gradient, and the largest step, that may reach the weights. No sensible one comes
 * near it; below it weights stay finite for some 1e20 steps, and so do squares of gradients, of
 * which compensators keep averages.
 */
const most = 1e18;

/**
 * Whether an update may be made along a gradient.
 * @param bound on the magnitudes of its values; infinite or NaN if one of them is.
 */
export function admitsGradient(bound: number, learningRate: number): boolean {
  return bound * Math.max(learningRate, 1) <= most;
}

/**
 * The largest magnitude among the first `length` values; NaN if one of them is NaN. Magnitudes are
 * compared as integers, in whose order infinity comes after all numbers, and NaN after that.
 */
export function largestMagnitude(values: Float32Array, length = values.length): number {
  const bits = new Int32Array(values.buffer, values.byteOffset, length);
  let [a, b, c, d] = [0, 0, 0, 0];
  let index = 0;
  // Four chains that do not wait for each other.
  for (; index + 4 <= length; index += 4) {
    a = Math.max(a, (bits[index] as number) & 0x7fffffff);
    b = Math.max(b, (bits[index + 1] as number) & 0x7fffffff);
    c = Math.max(c, (bits[index + 2] as number) & 0x7fffffff);
    d = Math.max(d, (bits[index + 3] as number) & 0x7fffffff);
  }
  for (; index < length; index++) a = Math.max(a, (bits[index] as number) & 0x7fffffff);
  converted[0] = Math.max(a, b, c, d);
  return asFloat[0] as number;
}

const converted = new Int32Array(1);
const asFloat = new Float32Array(converted.buffer);

/**
 * @throws InputError if float32 steps cannot be made with a learning rate. There is no learning at
 *   a rate of 0; to learn nothing, predict only.
 */
export function checkLearningRate(value: number): void {
  if (typeof value === "number" && value >= 1e-30 && value <= 1e30) return;
  throw new InputError(
    `Expected a number from 1e-30 to 1e30 for learningRate but received ${String(value)}; ` +
      "0.05 is a usual one",
  );
}
