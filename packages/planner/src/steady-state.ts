import { compensationTimes, paidTimes } from "./compensation-time.js";
import { stretch } from "./cost.js";
import {
  kindOf,
  type Part,
  partsOf,
  type StageDurations,
  stageDurations,
  withBackwardTimes,
} from "./kinds.js";
import type { Profile } from "./profile.js";
import { groupCount, sharedSlots, versionCount } from "./slots.js";
import type { WorkerConfiguration } from "./worker.js";

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
  let way = 0;
  for (let stage = slowest + 1; stage < stageCount; stage += 1)
    way += at(forward, stage) + at(backward, stage);
  const stays = at(busy, slowest) + way;
  const isLong = at(backward, slowest) > way && stays > 1.01 * slot;
  const interval = Math.max(
    slot * (isLong ? hurry(at(busy, slowest) / slot) : 1),
    at(busy, slowest),
  );
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

/** Busy for a larger share of the time than this, a stage misses some of it. */
const easyShare = 0.75;
/** What it misses, of the share beyond. */
const missed = 0.3;

/**
 * How much further apart items are taken in than they come. A worker whose slowest stage has longer
 * backward passes than the way through the later stages comes to do two of them in a row, and the stage
 * then stands idle until the next item has gone that way; where it has little time to spare it cannot
 * make up for that. (Simulated plans: 12 % of the items at a share of .98, 6 at .88, 2 at .8, none at
 * .74; others lose less.) Where there is always an item that waits, it is as busy as can be.
 */
const hurry = (share: number): number => 1 + missed * Math.max(0, Math.min(1, share) - easyShare);

/** So many workers of one pace. */
export interface PacedPart extends Part {
  readonly pace: WorkerPace;
}

/** A pipeline under way; of every stage where a list says nothing else. */
export interface SteadyState {
  readonly parts: readonly PacedPart[];
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
  /** Items in flight whose backward pass is still to come, of all workers, mean. */
  readonly inFlight: readonly number[];
  /** By how much that swings, of workers that do not keep in step. */
  readonly swing: readonly number[];
  /** Share of the items that the workers could take in that a limit on those in flight lets them. */
  readonly admission: number;
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
 *
 * @param repair the compensation that runs, whose time is the profile's, and the most items in
 * flight at each stage: where that is one, nothing is repaired.
 */
export function steadyState(
  profile: Profile,
  partition: readonly number[],
  workers: readonly WorkerConfiguration[],
  arrivalInterval: number,
  computeUnits?: number,
  repair: { readonly compensation?: string; readonly inFlight?: readonly number[] } = {},
): SteadyState {
  const durations = stageDurations(profile, partition);
  const parts = partsOf(workers, (worker) => kindOf(profile, partition, durations, worker));
  const { compensation, inFlight } = repair;
  const paid =
    compensation === undefined
      ? undefined
      : paidTimes(
          compensationTimes(profile, partition, compensation),
          sharedSlots(partition.length, parts, inFlight),
        );
  return steadyStateOf(durations, parts, arrivalInterval, computeUnits, paid);
}

/**
 * The same of workers by kind.
 * @param repairTimes ms that a gradient is repaired at each stage; default nowhere any.
 */
export function steadyStateOf(
  { forward }: StageDurations,
  kinds: readonly Part[],
  arrivalInterval: number,
  computeUnits?: number,
  repairTimes?: readonly number[],
): SteadyState {
  const parts = repairTimes
    ? kinds.map(({ kind, count }) => ({ kind: withBackwardTimes(kind, repairTimes), count }))
    : kinds;
  const workerCount = parts.reduce((sum, { count }) => sum + count, 0);
  const slot = workerCount * arrivalInterval;
  const pacedBy = (factor: number): PacedPart[] =>
    parts.map(({ kind, count }) => {
      const scaled = (times: readonly number[]) =>
        factor === 1 ? times : times.map((time) => factor * time);
      return {
        kind,
        count,
        pace: paceOf(scaled(forward), scaled(kind.backward), kind.periods, slot),
      };
    });
  const unstretched = pacedBy(1);
  const loads = unstretched.map(({ kind, count, pace }) => ({
    time: pace.slowest,
    work: kind.work,
    count,
  }));
  const factor = stretch(loads, arrivalInterval, computeUnits);
  const paced = factor === 1 ? unstretched : pacedBy(factor);
  const used = paced.reduce(
    (sum, { kind, count, pace }) => sum + (count * kind.work) / pace.interval,
    0,
  );
  const gradients: number[] = [];
  const updates: number[] = [];
  const staleness: number[] = [];
  const inFlight: number[] = [];
  const swing: number[] = [];
  for (let stage = 0; stage < forward.length; stage += 1) {
    let [taken, wished, present, variance] = [0, 0, 0, 0];
    let [stash, groups, gathers] = [0, 0, false];
    for (const { kind, count, pace } of paced) {
      const backwards = pace.backwards[stage] as number;
      const gathered = kind.worker.accumulate[stage] as number;
      const held = kind.stash[stage] as number;
      taken += count * backwards;
      const own = backwards * (pace.inFlight[stage] as number);
      present += count * own;
      // One item more or less, as the worker's turn is.
      const share = own - Math.floor(own);
      if (isOutOfStep(pace)) variance += count * share * (1 - share);
      wished += (count * backwards) / gathered;
      stash += count * held;
      groups += count * groupCount(held, gathered);
      gathers ||= gathered > 1;
    }
    const wanted = meanOver(paced, stage, ({ kind, pace }) => {
      const gathered = kind.worker.accumulate[stage] as number;
      const backwards = pace.backwards[stage] as number;
      const flight = pace.inFlight[stage] as number;
      const others = (wished - backwards / gathered) * flight;
      return others + Math.max(0, flight * backwards - 1) / gathered;
    });
    const late = gathers ? Math.min(wanted, versionCount(stash, groups, true) - 1) : wanted;
    gradients.push(taken);
    inFlight.push(present);
    swing.push(Math.sqrt(variance));
    staleness.push(late);
    // What waits for a free version is gathered too, so as many times fewer updates are made.
    updates.push(late > 0 ? (wished * late) / wanted : wished);
  }
  const units = computeUnits ?? workerCount * forward.length;
  return {
    parts: paced,
    stretch: factor,
    utilisation: used / units,
    gradients,
    updates,
    staleness,
    inFlight,
    swing,
    admission: 1,
  };
}

/**
 * Whether a worker's items come to a stage unevenly: it is hardly ever idle, or has more than one item
 * at a time, so that forward passes wait for backward passes and other workers' turns shift.
 */
function isOutOfStep({ slowest, interval, inFlight }: WorkerPace): boolean {
  return slowest > 0.95 * interval || (inFlight[0] as number) > 1.01 * interval;
}

/** Clocks count in whole nanoseconds, so that what fits exactly may seem not to. */
const rounding = 0.01;

/**
 * As many slots at each stage as evenly spaced items take: an item every t that stays for r finds
 * ceil(r / t) there, itself included. Where workers are not in step, a quarter of
 * the swing more: they wait for each other at times, as simulated plans showed.
 */
export function neededSlots(state: SteadyState): number[] {
  return state.inFlight.map((_, stage) => Math.max(1, Math.ceil(neededAt(state, stage))));
}

function neededAt({ inFlight, swing }: SteadyState, stage: number): number {
  return (inFlight[stage] as number) + (swing[stage] as number) / 4 - rounding;
}

/**
 * The steady state where no more items than `limit` may be in flight at a stage. By Little's law the
 * items that are there make up the rate: where fewer may, as many fewer are taken in, and as many
 * fewer updates come between. An update is late for the items that are in flight when it is made,
 * which are at most `limit` less its own, so no more come between on average: none where an item is
 * alone at a stage.
 */
export function limited(state: SteadyState, limit: readonly number[]): SteadyState {
  let admission = 1;
  limit.forEach((most, stage) => {
    const needed = neededAt(state, stage);
    if (needed > most) admission = Math.min(admission, most / needed);
  });
  const others = limit.map((most) => most - 1);
  const isLater = state.staleness.some((late, stage) => late > (others[stage] as number));
  if (admission === 1 && !isLater) return state;
  const scaled = (values: readonly number[]) => values.map((value) => admission * value);
  return {
    parts: state.parts,
    stretch: state.stretch,
    utilisation: admission * state.utilisation,
    gradients: scaled(state.gradients),
    updates: scaled(state.updates),
    staleness: scaled(state.staleness).map((late, stage) =>
      Math.min(late, others[stage] as number),
    ),
    inFlight: scaled(state.inFlight),
    swing: state.swing,
    admission,
  };
}

/** Mean over workers, weighted by their backward passes at the stage. */
export function meanOver(
  parts: readonly PacedPart[],
  stage: number,
  of: (part: PacedPart) => number,
): number {
  let [sum, total] = [0, 0];
  for (const part of parts) {
    const weight = part.count * (part.pace.backwards[stage] as number);
    sum += weight * of(part);
    total += weight;
  }
  return sum / total;
}
