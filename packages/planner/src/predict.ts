import { checkCut, checkPositive, checkString } from "./check.js";
import type { Profile } from "./profile.js";
import { checkInFlight } from "./slots.js";
import { limited, meanOver, steadyState } from "./steady-state.js";
import { checkWorkers, type WorkerConfiguration } from "./worker.js";

/** How a plan is expected to run; every figure is a mean over a long stream. */
export interface Prediction {
  /** Share of the compute units' time that is used; default: one unit per stage and worker. */
  readonly utilisation: number;
  /** Share of the items that no worker takes in. */
  readonly dropRate: number;
  /** By stage: ms from an item's arrival to the update that it is part of. */
  readonly latency: readonly number[];
  /** By stage: updates between the weights that a gradient was computed with and its own. */
  readonly staleness: readonly number[];
  /** How much longer all stages take for lack of compute units; 1 if there are enough. */
  readonly stretch: number;
}

/**
 * What a plan is expected to do, in closed form (ours); see `steadyState` for staleness and stretch.
 *
 * - dropRate: the workers take in Σ_n 1 / interval_n of the 1 / t^d items per millisecond.
 * - utilisation: work_n / interval_n, summed, over the units.
 * - latency: an item that is gathered with others (T2) waits for (c^a - 1) / 2 more on average.
 *
 * - inFlight: if the limit on items in flight binds, it lowers all rates equally, see `limited`.
 *
 * - compensation: the profile's time for it lengthens backward passes where gradients can be late.
 *
 * Means over workers are weighted by their backward passes at the stage. The formulas leave out:
 * updates that fall due at the same time, by chance or because no version was free, and so become
 * one, which makes staleness smaller; forward passes that wait for a running backward pass or for
 * the in-flight limit at a moderate load; and the first items of a stream.
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
