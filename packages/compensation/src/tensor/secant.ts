import {
  fastWindow,
  noiseOfAverage,
  noiseOfDifference,
  slowWindow,
} from "../algorithms/secant-rules.js";
import { moveAverage } from "./average.js";
import type { TensorCall } from "./call.js";
import type { Tensor } from "./contract.js";
import { measureCurvature } from "./secant-curvature.js";
import { followDirection, secantShape } from "./secant-direction.js";
import { chooseLead, lead } from "./secant-lead.js";
import { secantParts } from "./secant-parts.js";
import { repairPart, shareOf } from "./secant-repair.js";

/**
 * `secant` on a tensor. The formulas stand with its form on arrays; as there, four tensors of the
 * parameters' size are kept. Which tensors are matrices: see `secantShape`.
 */
export function secant<T extends Tensor<T>>(call: TensorCall<T>): T {
  const { versions, count, usual, get, tidy } = call;
  const { learningRate } = call.context;
  const { rows, direction, shaped } = secantShape(call);
  const gradient = shaped(call.gradient);
  const newest = shaped(versions[versions.length - 1] as T);
  const origin = shaped(versions[0] as T);

  const average = (name: string, value: T, rate: number) =>
    moveAverage(call, name, shaped(get(name, "zeros")), value, rate);
  // The first gradient is what its averages begin at.
  const rateOf = (window: number) => (count > 1 ? 1 / (1 + window * usual) : 1);
  const [fastRate, slowRate] = [rateOf(fastWindow), rateOf(slowWindow)];
  const ahead = lead(call, rows > 0, shaped(get("fast gradient", "zeros")));
  const fast = average("fast gradient", gradient, fastRate);
  const y = fast.sub(average("slow gradient", gradient, slowRate));
  const s = average("fast origin", origin, fastRate).sub(average("slow origin", origin, slowRate));
  const d = tidy(() => newest.sub(origin).sub(ahead));

  const noise = {
    fast: noiseOfAverage(fastRate),
    difference: noiseOfDifference(fastRate, slowRate),
  };
  const parts = secantParts(call, direction, { gradient, fast, y, s, d }).map((part) =>
    measureCurvature(call, part, noise),
  );
  // 1 where the weights have ever moved between gradients, else 0.
  const isKnown = parts
    .map(({ moved }) => moved)
    .reduce((one, other) => one.add(other))
    .step();
  const share = shareOf(call, s, d);
  const weights = tidy(() => newest.square().sum().sqrt());
  const [beside, along] = parts.map((part) =>
    repairPart(call, part, { rows, share, isKnown, weights }),
  ) as [T, T | undefined];

  chooseLead(call, direction, parts, isKnown);
  const nextAhead = lead(call, rows > 0, fast);
  if (direction) followDirection(call, direction, gradient, parts[1]?.gradient as T);
  return tidy(() => {
    const repaired = along && direction ? beside.add(direction.mul(along)) : beside;
    // Steps of the learning rate take the published weights from the old lead to the new one.
    const moves = ahead.sub(nextAhead).mul(learningRate > 0 ? 1 / learningRate : 0);
    return repaired
      .add(y.mul(share))
      .add(moves)
      .reshape([...call.gradient.shape]);
  });
}
