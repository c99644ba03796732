import { farthest } from "../algorithms/secant-rules.js";
import type { TensorCall } from "./call.js";
import type { Tensor } from "./contract.js";
import type { MeasuredPart } from "./secant-curvature.js";

/**
 * How far the published weights are ahead, see `Lead`: `leadScale` times the average of
 * gradients that it was chosen with, and of a matrix `leadRows` (x) `leadColumns` more.
 */
export function lead<T extends Tensor<T>>(
  { get, tidy }: TensorCall<T>,
  isMatrix: boolean,
  average: T,
): T {
  return tidy(() => {
    const ahead = average.mul(get("leadScale", 0));
    return isMatrix ? ahead.add(get("leadRows", 0).mul(get("leadColumns", 0))) : ahead;
  });
}

/** Chooses the next lead, as `SecantBlock` does. */
export function chooseLead<T extends Tensor<T>>(
  { context: { learningRate }, usual, set }: TensorCall<T>,
  leadReach: number,
  direction: T | undefined,
  parts: readonly MeasuredPart<T>[],
  isKnown: T,
): void {
  const delay = usual * learningRate;
  const [beside, along] = parts.map(({ curvature, turn, signal }) =>
    shareAhead(curvature.mul(delay))
      .mul(signal)
      .mul(isKnown)
      .mul(updatesAhead(turn, leadReach * usual).mul(learningRate)),
  ) as [T, T | undefined];
  set("leadScale", beside.mul(-1));
  if (!direction || !along) return;
  // A copy, for the direction is freed when it turns.
  set("leadRows", direction.clone());
  set("leadColumns", (parts[1] as MeasuredPart<T>).average.mul(beside.sub(along)));
}

const updatesAhead = <T extends Tensor<T>>(turn: T, reach: number): T =>
  turn.mul(-1).exp().mul(reach).minimum(farthest);

/** Of a series; what the rest comes to for r from 0 to 1 is below float32's last digit. */
const terms = 8;

/**
 * (1 - exp(-r)) / r (1 - r) for r from 0 to 1, 1 below and 0 above, as in `SecantBlock`. The first
 * factor as its series 1 - r/2 (1 - r/3 (1 - ...)), since the difference has few digits where r is
 * small.
 */
function shareAhead<T extends Tensor<T>>(r: T): T {
  const within = r.clipByValue(0, 1);
  let series = within.mul(-1 / terms).add(1);
  for (let term = terms - 1; term > 1; term--)
    series = series
      .mul(within)
      .mul(-1 / term)
      .add(1);
  return series.mul(within.mul(-1).add(1));
}
