import { stageRanges, stretch, workPerItem } from "./cost.js";
import type { Profile } from "./profile.js";
import { slots } from "./slots.js";
import { participation, type WorkerConfiguration } from "./worker.js";

/** How one worker goes on, once a long stream is under way. */
interface WorkerPace {
  /** ms that the slowest stage is busy for an item. */
  readonly slowest: number;
  /** ms between two items that it takes in. */
  readonly interval: number;
  /** By stage: ms that an item stays between its forward pass and the end of its backward pass. */
  readonly inFlight: readonly number[];
  /** By stage: ms from arrival to the end of the backward pass. */
  readonly arrivalToEnd: readonly number[];
  /** By stage: backward passes a millisecond. */
  readonly backwards: readonly number[];
}

/**
 * One worker in steady state. Stage i is busy f_i + b_i / L_i for an item (b_i holds the repeated
 * forward pass under T1, L_i is the period of omission), so the slowest stage, s, sets the pace:
 *
 * ```
 * interval = max( N t^d, max_i (f_i + b_i / L_i) )
 * ```
 *
 * Quicker than its items come, an item never waits: from its forward pass at stage i on it takes
 * f_i + Σ_{k>i} (f_k + b_k) + b_i. Slower, items pile up before stage s as far as 1F1B lets them,
 * P - i at every stage i <= s; by Little's law each then stays (P - i) interval. The slot that
 * waits for stage 0 is filled half an N t^d after it was emptied, and emptied once an interval.
 */
function paceOf(
  forward: readonly number[],
  backward: readonly number[],
  periods: readonly number[],
  slot: number,
): WorkerPace {
  const stageCount = forward.length;
  const at = (values: readonly number[], stage: number) => values[stage] as number;
  const busy = forward.map((time, stage) => time + at(backward, stage) / at(periods, stage));
  const slowest = busy.indexOf(Math.max(...busy));
  const interval = Math.max(slot, at(busy, slowest));
  const isBehind = at(busy, slowest) > slot * (1 + 1e-9);
  const inFlight = new Array<number>(stageCount).fill(0);
  let later = 0;
  for (let stage = stageCount - 1; stage >= 0; stage -= 1) {
    const path = at(forward, stage) + later + at(backward, stage);
    const piled = isBehind && stage <= slowest && slowest > 0;
    inFlight[stage] = piled ? Math.max(path, (stageCount - stage) * interval) : path;
    later += at(forward, stage) + at(backward, stage);
  }
  const waiting = isBehind ? interval - slot / 2 : 0;
  let earlier = 0;
  const arrivalToEnd = backward.map((time) => {
    const end = waiting + at(inFlight, 0) - earlier;
    earlier += time;
    return end;
  });
  const backwards = periods.map((period) => 1 / (interval * period));
  return { slowest: at(busy, slowest), interval, inFlight, arrivalToEnd, backwards };
}

/** A pipeline under way; of every stage where a list says nothing else. */
export interface SteadyState {
  readonly paces: readonly WorkerPace[];
  /** How much longer all stages take for want of compute units; 1 where there are enough. */
  readonly stretch: number;
  /** Share of the compute units' time that is used. */
  readonly utilisation: number;
  /** Backward passes a millisecond, of all workers. */
  readonly gradients: readonly number[];
  /** Updates a millisecond, of all workers. */
  readonly updates: readonly number[];
  /** Updates between the weights that a gradient was computed with and its own, mean. */
  readonly staleness: readonly number[];
}

/**
 * The steady state of a plan, in closed form (ours).
 *
 * - Where compute units are too few, all times are stretched as in `stretch`, with the slowest
 *   stage's time for T_n.
 * - staleness: the updates of all workers at the stage while an item is in flight there; of its own
 *   worker those of the other items in flight that come back, Little's law again. Where a worker
 *   gathers (T2), no more than V - 1, the stage's versions (`slots`) but the newest: an update needs
 *   a free slot, and a slot comes free when the last item that began with it ends, about a flight
 *   after the next update, so V slots make no more than V updates in 1 / rate + flight.
 *
 * Means over workers are weighted by their backward passes at the stage.
 */
export function steadyState(
  profile: Profile,
  partition: readonly number[],
  workers: readonly WorkerConfiguration[],
  arrivalInterval: number,
  computeUnits?: number,
): SteadyState {
  const ranges = stageRanges(partition, profile.layers.length);
  const stageSum = (field: "forwardTime" | "backwardTime") =>
    ranges.map(({ first, end }) =>
      profile.layers.slice(first, end).reduce((sum, layer) => sum + layer[field], 0),
    );
  const forward = stageSum("forwardTime");
  const backward = stageSum("backwardTime");
  const slot = workers.length * arrivalInterval;
  const pacesAt = (factor: number) =>
    workers.map((worker) => {
      const again = (stage: number) => (worker.recompute ? (forward[stage] as number) : 0);
      return paceOf(
        forward.map((time) => factor * time),
        backward.map((time, stage) => factor * (time + again(stage))),
        participation(worker.omit),
        slot,
      );
    });
  const loads = pacesAt(1).map(({ slowest }, index) => ({
    time: slowest,
    work: workPerItem(profile, partition, workers[index] as WorkerConfiguration),
  }));
  const factor = stretch(loads, arrivalInterval, computeUnits);
  const paces = pacesAt(factor);
  const used = paces.reduce(
    (sum, { interval }, index) => sum + (loads[index] as { work: number }).work / interval,
    0,
  );
  const { versions, accumulators } = slots(partition, workers);
  const units = computeUnits ?? workers.length * partition.length;
  const accumulate = (index: number, stage: number) =>
    (workers[index] as WorkerConfiguration).accumulate[stage] as number;
  const sums = (of: (pace: WorkerPace, index: number, stage: number) => number) =>
    partition.map((_, stage) =>
      paces.reduce((sum, pace, index) => sum + of(pace, index, stage), 0),
    );
  const gradients = sums((pace, _, stage) => pace.backwards[stage] as number);
  const updates = sums(
    (pace, index, stage) => (pace.backwards[stage] as number) / accumulate(index, stage),
  );
  const wanted = partition.map((_, stage) =>
    meanOver(paces, stage, (pace, index) => {
      const flight = pace.inFlight[stage] as number;
      const own = (pace.backwards[stage] as number) / accumulate(index, stage);
      const others = ((updates[stage] as number) - own) * flight;
      const learned = flight * (pace.backwards[stage] as number);
      return others + Math.max(0, learned - 1) / accumulate(index, stage);
    }),
  );
  const staleness = wanted.map((between, stage) =>
    accumulators[stage] ? Math.min(between, (versions[stage] as number) - 1) : between,
  );
  return {
    paces,
    stretch: factor,
    utilisation: used / units,
    gradients,
    // What waits for a free version is gathered too, so as many times fewer updates are made.
    updates: updates.map((rate, stage) =>
      (staleness[stage] as number) > 0
        ? (rate * (staleness[stage] as number)) / (wanted[stage] as number)
        : rate,
    ),
    staleness,
  };
}

/** Mean over workers, weighted by their backward passes at the stage. */
export function meanOver(
  paces: readonly WorkerPace[],
  stage: number,
  of: (pace: WorkerPace, index: number) => number,
): number {
  const total = paces.reduce((sum, pace) => sum + (pace.backwards[stage] as number), 0);
  return paces.reduce(
    (sum, pace, index) => sum + (of(pace, index) * (pace.backwards[stage] as number)) / total,
    0,
  );
}
