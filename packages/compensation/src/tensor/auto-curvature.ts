import { fewest, perStaleness } from "../algorithms/block-curvature.js";
import type { AutoPart } from "./auto-parts.js";
import { moveAverage } from "./average.js";
import type { TensorCall } from "./call.js";
import type { Tensor } from "./contract.js";
import { not, quotient } from "./quotient.js";

/** A part with scalars of it. */
export interface MeasuredPart<T> extends AutoPart<T> {
  readonly curvature: T;
  /** Above 0 where the weights have ever moved between gradients. */
  readonly moved: T;
  /** Share of the fast average that is no noise. */
  readonly signal: T;
  /** |g| */
  readonly norm: T;
}

/**
 * The curvature of one part as `BlockCurvature` measures it, its averages kept under the part's
 * name.
 *
 * @param noise 1 / n, what the fast average leaves of the noise's square.
 */
export function measureCurvature<T extends Tensor<T>>(
  call: TensorCall<T>,
  part: AutoPart<T>,
  noise: number,
): MeasuredPart<T> {
  const { name, gradient, fast, y, s } = part;
  const { usual, get, tidy } = call;
  const average = (what: string, value: T, rate: number | T) => {
    const key = `${name} ${what}`;
    return moveAverage(call, key, get(key, 0), value, rate);
  };
  const sum = (one: T, other: T) => tidy(() => one.mul(other).sum());
  const square = sum(gradient, gradient);
  const rate = 1 / (1 + usual);
  const gradients = average("gradients", square, rate);
  const averages = average("averages", sum(fast, fast), rate);
  const step = sum(s, s);
  // Where the weights did not move, nothing is learned of curvature.
  const slowly = step.step().mul(1 / (fewest + perStaleness * usual));
  const product = average("product", sum(s, y), slowly);
  const moved = average("moved", step, slowly);
  return {
    ...part,
    curvature: quotient(product, moved),
    moved,
    signal: signalOf(gradients, averages, noise),
    norm: square.sqrt(),
  };
}

function signalOf<T extends Tensor<T>>(gradients: T, averages: T, noise: number): T {
  const exists = averages.step();
  // An average of one gradient tells nothing.
  if (noise >= 1) return exists.mul(0);
  const rest = quotient(gradients, averages).mul(noise);
  return not(rest)
    .div(1 - noise)
    .clipByValue(0, 1)
    .mul(exists);
}
