import { checkCut, checkPositive, checkString } from "./check.js";
import type { Profile } from "./profile.js";
import { checkInFlight } from "./slots.js";
import { limited, meanOver, steadyState } from "./steady-state.js";
import { checkWorkers, type WorkerConfiguration } from "./worker.js";

/** How a plan is expected to run; every figure is a mean over a long stream. */
export interface Prediction {
  /** Share of the compute units' time that is used; without `computeUnits` one unit a stage and worker. */
  readonly utilisation: number;
  /** Share of the items that no worker takes in. */
  readonly dropRate: number;
  /** By stage: ms from an item's arrival to the update that it is part of. */
  readonly latency: readonly number[];
  /** By stage: updates between the weights that a gradient was computed with and its own. */
  readonly staleness: readonly number[];
  /** How much longer all stages take for want of compute units; 1 where there are enough. */
  readonly stretch: number;
}

/**
 * What a plan is expected to do, in closed form (ours); see `steadyState` for staleness and stretch.
 *
 * - dropRate: the workers take in Σ_n 1 / interval_n of the 1 / t^d items a millisecond.
 * - utilisation: work_n / interval_n, summed, over the units.
 * - latency: an item that is gathered with others (T2) waits for (c^a - 1) / 2 further ones.
 *
 * - inFlight: a limit on the items in flight that binds lowers all rates alike, see `limited`.
 *
 * - compensation: the profile's time for it lengthens backward passes where gradients can be late.
 *
 * Means over workers are weighted by their backward passes at the stage. Not in the formulas: updates
 * that are due at the same time for want of a free version or by chance, and so become one, which
 * makes staleness smaller; forward passes that wait for a running backward pass or
 * for the in-flight limit at a moderate load; and the first items of a stream.
 */
export function predictRun(
  profile: Profile,
  partition: readonly number[],
  workers: readonly WorkerConfiguration[],
  arrivalInterval: number,
  computeUnits?: number,
  inFlight?: readonly number[],
  compensation?: string,
): Prediction {
  checkCut(profile, partition);
  checkWorkers(workers, "workers", partition.length);
  checkPositive(arrivalInterval, "arrivalInterval");
  if (computeUnits !== undefined) checkPositive(computeUnits, "computeUnits");
  const limit = inFlight && checkInFlight(inFlight, "inFlight", partition.length);
  if (compensation !== undefined) checkString(compensation, "compensation");
  const free = steadyState(profile, partition, workers, arrivalInterval, computeUnits, {
    ...(compensation !== undefined && { compensation }),
    ...(limit && { inFlight: limit }),
  });
  const state = limit ? limited(free, limit) : free;
  const { parts, utilisation, staleness, stretch, admission } = state;
  const taken = parts.reduce(
    (sum, { count, pace }) => sum + (admission * count * arrivalInterval) / pace.interval,
    0,
  );
  return {
    utilisation,
    dropRate: Math.max(0, 1 - taken),
    latency: partition.map((_, stage) =>
      meanOver(parts, stage, ({ kind, pace }) => {
        const gathering = ((kind.worker.accumulate[stage] as number) - 1) / 2;
        const rate = admission * (pace.backwards[stage] as number);
        return (pace.arrivalToEnd[stage] as number) + gathering / rate;
      }),
    ),
    staleness,
    stretch,
  };
}
