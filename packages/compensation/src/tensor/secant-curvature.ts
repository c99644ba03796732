import { fewest, noiseAlongOne, perStaleness } from "../algorithms/block-curvature.js";
import { moveAverage } from "./average.js";
import type { TensorCall } from "./call.js";
import type { Tensor } from "./contract.js";
import { not, quotient } from "./quotient.js";
import type { SecantPart } from "./secant-parts.js";

/** A part with scalars of it. */
export interface MeasuredPart<T> extends SecantPart<T> {
  readonly curvature: T;
  /** Above 0 where the weights have ever moved between gradients. */
  readonly moved: T;
  /** See `PartCurvature`. */
  readonly turn: T;
  /** Share of the average of gradients that is no noise. */
  readonly signal: T;
  /** |g| and |g|^2. */
  readonly norm: T;
  readonly square: T;
  /** |g|^2 of the last gradients, averaged. */
  readonly usualSquare: T;
}

/** What the average of gradients and y have of the noise of one gradient, of its square. */
export interface SecantNoise {
  readonly average: number;
  readonly difference: number;
}

/** A part as `PartCurvature` measures it, its averages kept under the part's name. */
export function measureCurvature<T extends Tensor<T>>(
  call: TensorCall<T>,
  part: SecantPart<T>,
  noise: SecantNoise,
): MeasuredPart<T> {
  const { name, gradient, average: mean, y, s } = part;
  const { usual, get, tidy } = call;
  const average = (what: string, value: T, rate: number | T) => {
    const key = `${name} ${what}`;
    return moveAverage(call, key, get(key, 0), value, rate);
  };
  const sum = (one: T, other: T) => tidy(() => one.mul(other).sum());
  const square = sum(gradient, gradient);
  const rate = 1 / (1 + usual);
  const gradients = average("gradients", square, rate);
  const averages = average("averages", sum(mean, mean), rate);
  const norm = square.maximum(gradients);
  const exists = norm.step();
  const turned = average("turned", quotient(sum(gradient, s), norm), exists.mul(rate));
  const step = sum(s, s);
  // Where the weights did not move, nothing is learned of curvature.
  const slowly = exists.mul(step.step()).mul(1 / (fewest + perStaleness * usual));
  const product = average("product", quotient(sum(s, y), norm), slowly);
  const moved = average("moved", quotient(step, norm), slowly);
  const signal = signalOf(gradients, averages, noise.average);
  const curvature = quotient(product, moved);
  return {
    ...part,
    curvature:
      name === "beside"
        ? lessNoise(curvature, product, not(signal).mul(noiseAlongOne * noise.difference))
        : curvature,
    moved,
    turn: quotient(
      quotient(turned, moved.sqrt()),
      quotient(averages, gradients).sqrt(),
    ).clipByValue(-1, 1),
    signal,
    norm: square.sqrt(),
    square,
    usualSquare: gradients,
  };
}

/** The curvature of a part with many directions, where it is above 0, less what noise makes of it. */
function lessNoise<T extends Tensor<T>>(curvature: T, product: T, noise: T): T {
  const less = curvature.sub(quotient(noise, product.maximum(0))).maximum(0);
  return less.mul(product.step()).add(curvature.minimum(0));
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
