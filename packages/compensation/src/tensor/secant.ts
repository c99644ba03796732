import { noiseOfDifference, slowWindow } from "../algorithms/secant-rules.js";
import { moveAverage } from "./average.js";
import type { TensorCall } from "./call.js";
import type { Tensor } from "./contract.js";
import { measureCurvature } from "./secant-curvature.js";
import { followDirection, secantShape } from "./secant-direction.js";
import { secantParts } from "./secant-parts.js";
import { repairPart } from "./secant-repair.js";

/**
 * `secant` on a tensor. The formulas stand with its form on arrays; as there, two tensors of the
 * parameters' size are kept. Which tensors are matrices: see `secantShape`.
 */
export function secant<T extends Tensor<T>>(call: TensorCall<T>): T {
  const { versions, count, usual, get, tidy } = call;
  const { rows, direction, shaped } = secantShape(call);
  const gradient = shaped(call.gradient);
  const newest = shaped(versions[versions.length - 1] as T);
  const origin = shaped(versions[0] as T);

  const average = (name: string, value: T, rate: number) =>
    moveAverage(call, name, shaped(get(name, "zeros")), value, rate);
  // The first gradient is what its averages begin at.
  const rate = count > 1 ? 1 / (1 + slowWindow * usual) : 1;
  const y = gradient.sub(average("average gradient", gradient, rate));
  const s = origin.sub(average("average origin", origin, rate));
  const d = shaped(call.change);

  // Of y, which is the difference of one gradient and the average.
  const noise = noiseOfDifference(1, rate);
  const parts = secantParts(call, direction, { gradient, y, s, d }).map((part) =>
    measureCurvature(call, part, noise),
  );
  // 1 where the weights have ever moved between gradients, else 0.
  const isKnown = parts
    .map(({ moved }) => moved)
    .reduce((one, other) => one.add(other))
    .step();
  const weights = tidy(() => newest.square().sum().sqrt());
  const [beside, along] = parts.map((part) =>
    repairPart(call, part, { rows, isKnown, weights }),
  ) as [T, T | undefined];

  if (direction) followDirection(call, direction, gradient, parts[1]?.gradient as T);
  return tidy(() => {
    const repaired = along && direction ? beside.add(direction.mul(along)) : beside;
    return repaired.reshape([...call.gradient.shape]);
  });
}
