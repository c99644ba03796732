import {
  alongLeast,
  alongMost,
  alongReach,
  answer,
  besideLeast,
  besideMost,
  besideReach,
  harmful,
  unknownAlongReach,
  unknownBesideReach,
} from "../algorithms/secant-rules.js";
import type { TensorCall } from "./call.js";
import type { Tensor } from "./contract.js";
import { not, quotient } from "./quotient.js";
import type { MeasuredPart } from "./secant-curvature.js";

/** What `repairPart` knows beside a part. */
interface Repair<T> {
  readonly rows: number;
  /** 1 where curvature is known. */
  readonly isKnown: T;
  /** Norm of the newest weights. */
  readonly weights: T;
}

/** scale (g + h d) of a part, with scale and h as `SecantBlock` chooses them. */
export function repairPart<T extends Tensor<T>>(
  { context: { staleness, learningRate }, tidy }: TensorCall<T>,
  { name, gradient, d, curvature, turn, norm, square, usualSquare }: MeasuredPart<T>,
  { rows, isKnown, weights }: Repair<T>,
): T {
  return tidy(() => {
    const delay = staleness * learningRate;
    const whole = curvature.mul(factorOf(name, turn));
    // The root of what `PartCurvature.ease` gives.
    const damped =
      name === "along"
        ? whole.mul(quotient(usualSquare, square.maximum(usualSquare)).sqrt())
        : whole;
    const harms = damped.mul(delay).sub(harmful).step();
    // Without steps nothing harms.
    const damping = damped.minimum(learningRate > 0 ? 1 / learningRate : 0).mul(harms);
    const repaired = gradient.add(d.mul(damping));
    const step = norm.mul(delay);
    const reach = (known: number, unknown: number) =>
      isKnown
        .mul(known - unknown)
        .add(unknown)
        .mul(weights);
    if (name === "beside")
      return repaired.mul(shorten(step, reach(besideReach, unknownBesideReach)));
    const most = reach(alongReach, unknownAlongReach).div(Math.sqrt(rows));
    return repaired.mul(unless(isKnown.mul(not(harms)), shorten(step, most)));
  });
}

/** By how much curvature is multiplied before it damps, see `alongFactor`. */
function factorOf<T extends Tensor<T>>(name: MeasuredPart<T>["name"], turn: T): T {
  const answered = turn.mul(answer).exp();
  return name === "beside"
    ? answered.clipByValue(besideLeast, besideMost)
    : answered.maximum(1).mul(alongLeast).minimum(alongMost);
}

/** 1 where the mask is 1, else the scale. */
const unless = <T extends Tensor<T>>(mask: T, scale: T): T => mask.add(not(mask).mul(scale));

/** The scale at which a step stays within `most`; weights that are all zero have nothing to lose. */
function shorten<T extends Tensor<T>>(step: T, most: T): T {
  const isLimited = most.step();
  const limit = most.add(not(isLimited));
  return limit.div(limit.maximum(step.mul(isLimited)));
}
