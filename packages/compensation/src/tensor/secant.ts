import { noiseOfAverage, noiseOfDifference, slowWindow } from "../algorithms/secant-rules.js";
import { InputError } from "../errors.js";
import { moveAverage } from "./average.js";
import type { TensorCall } from "./call.js";
import type { Tensor } from "./contract.js";
import { measureCurvature } from "./secant-curvature.js";
import { followDirection, secantShape } from "./secant-direction.js";
import { chooseLead, lead } from "./secant-lead.js";
import { secantParts } from "./secant-parts.js";
import { repairPart } from "./secant-repair.js";

interface SecantSettings {
  readonly leadReach: number;
}

/**
 * `secant` on a tensor. The formulas stand with its form on arrays; as there, two tensors of the
 * parameters' size are kept. Which tensors are matrices: see `secantShape`.
 */
export function secant<T extends Tensor<T>>(call: TensorCall<T, SecantSettings>): T {
  const { versions, count, usual: staleness, get, tidy } = call;
  const { learningRate, stepFactor } = call.context;
  if (stepFactor !== undefined)
    throw new InputError(
      `Expected no stepFactor for secant of tensors but received ${stepFactor}; there it is for ` +
        "plain gradient descent, so hand gradients over as arrays or take another method",
    );
  const { rows, direction, shaped } = secantShape(call);
  const gradient = shaped(call.gradient);
  const newest = shaped(versions[versions.length - 1] as T);
  const origin = shaped(versions[0] as T);

  const average = (name: string, value: T, rate: number) =>
    moveAverage(call, name, shaped(get(name, "zeros")), value, rate);
  // The first gradient is what its averages begin at.
  const rate = count > 1 ? 1 / (1 + slowWindow * staleness) : 1;
  const ahead = lead(call, rows > 0, shaped(get("average gradient", "zeros")));
  const usual = average("average gradient", gradient, rate);
  const y = gradient.sub(usual);
  const s = origin.sub(average("average origin", origin, rate));
  const d = tidy(() => newest.sub(origin).sub(ahead));

  // y is the difference of one gradient and the average.
  const noise = { average: noiseOfAverage(rate), difference: noiseOfDifference(1, rate) };
  const parts = secantParts(call, direction, { gradient, average: usual, y, s, d }).map((part) =>
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

  chooseLead(call, call.settings.leadReach, direction, parts, isKnown);
  const nextAhead = lead(call, rows > 0, usual);
  if (direction) followDirection(call, direction, gradient, parts[1]?.gradient as T);
  return tidy(() => {
    const repaired = along && direction ? beside.add(direction.mul(along)) : beside;
    // Steps of the learning rate take the published weights from the old lead to the new one.
    const moves = ahead.sub(nextAhead).mul(learningRate > 0 ? 1 / learningRate : 0);
    return repaired.add(moves).reshape([...call.gradient.shape]);
  });
}
