import type { TensorCall } from "./call.js";
import type { Tensor } from "./contract.js";

/** What `secant` knows of one gradient, see `SecantKernels`. */
interface SecantTensors<T> {
  readonly gradient: T;
  /** The average of gradients, this one taken in. */
  readonly average: T;
  readonly y: T;
  readonly s: T;
  readonly d: T;
}

/** The same of one part: beside the direction, or of a matrix along it, a number a column. */
export interface SecantPart<T> extends SecantTensors<T> {
  readonly name: "beside" | "along";
}

/**
 * The parts of what is known, first the one beside the direction, the only one where there is none.
 *
 * Projections are sums of products rather than products of matrices, which a GPU may round to three
 * digits (TF32). Sums beside are formed of that part itself: on arrays they are what sums over all
 * leave of those along, a difference that float32 has too few digits for.
 */
export function secantParts<T extends Tensor<T>>(
  { tidy }: TensorCall<T>,
  direction: T | undefined,
  whole: SecantTensors<T>,
): readonly SecantPart<T>[] {
  if (!direction) return [{ name: "beside", ...whole }];
  const along = eachOf(whole, (tensor) => tidy(() => tensor.mul(direction).sum(0, true)));
  const beside = eachOf(whole, (tensor, name) =>
    tidy(() => tensor.sub(direction.mul(along[name]))),
  );
  return [
    { name: "beside", ...beside },
    { name: "along", ...along },
  ];
}

function eachOf<T>(
  { gradient, average, y, s, d }: SecantTensors<T>,
  work: (tensor: T, name: keyof SecantTensors<T>) => T,
): SecantTensors<T> {
  return {
    gradient: work(gradient, "gradient"),
    average: work(average, "average"),
    y: work(y, "y"),
    s: work(s, "s"),
    d: work(d, "d"),
  };
}
