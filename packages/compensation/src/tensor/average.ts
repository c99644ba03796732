import type { TensorCall } from "./call.js";
import type { Tensor } from "./contract.js";

/**
 * Moves an average that is kept, `average += rate (value - average)`. At rate 1 it is the value to
 * the last bit, which float32 would miss: two averages that differ by nothing must not seem to.
 */
export function moveAverage<T extends Tensor<T>>(
  { set, tidy }: TensorCall<T>,
  name: string,
  before: T,
  value: T,
  rate: number | T,
): T {
  if (rate === 1) return set(name, value.clone());
  return set(
    name,
    tidy(() => before.add(value.sub(before).mul(rate))),
  );
}
