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

/** How one worker runs in the steady state of a long stream. */
interface WorkerPace {
  /** ms that the slowest stage is busy for an item. */
  readonly slowest: number;
  /** ms between two items that it takes in. */
  readonly interval: number;
  /** By stage: ms that an item stays between its forward pass and the end of its backward pass. */
  readonly inFlight: readonly number[];
  /** By stage: ms from arrival to the end of the backward pass. */
  readonly arrivalToEnd: readonly number[];
  /** By stage: backward passes per millisecond. */
  readonly backwards: readonly number[];
}

/**
 * One worker in steady state, where all takes `factor` times as long. Stage i is busy f_i + b_i / L_i for an item (b_i holds the repeated
 * forward pass under T1, L_i is the period of omission), so the slowest stage, s, sets the pace:
 *
 * ```
 * interval = max( N t^d, max_i (f_i + b_i / L_i) )
 * ```
 *
 * If the worker is faster than its items come, an item never waits: from its forward pass at stage
 * i on it takes f_i + Σ_{k>i} (f_k + b_k) + b_i. If it is slower, items pile up before stage s as
 * far as 1F1B allows, P - i at every stage i <= s; by Little's law each then stays (P - i)
 * interval. The slot that waits for stage 0 is filled half an N t^d after it was emptied, and
 * emptied once per interval.
 */
function paceOf(
  forward: readonly number[],
  backward: readonly number[],
  periods: readonly number[],
  slot: number,
  factor: number,
): WorkerPace {
  const stageCount = forward.length;
  let [slowest, most] = [0, Number.NEGATIVE_INFINITY];
  for (let stage = 0; stage < stageCount; stage += 1) {
    const forth = factor * (forward[stage] as number);
    const back = factor * (backward[stage] as number);
    const busy = forth + back / (periods[stage] as number);
    if (busy <= most) continue;
    slowest = stage;
    most = busy;
  }
  let way = 0;
  for (let stage = slowest + 1; stage < stageCount; stage += 1)
    way += factor * (forward[stage] as number) + factor * (backward[stage] as number);
  const isLong = factor * (backward[slowest] as number) > way && most + way > 1.01 * slot;
  const interval = Math.max(slot * (isLong ? hurry(most / slot) : 1), most);
  const isBehind = most > slot * (1 + 1e-9);
  const inFlight = new Array<number>(stageCount).fill(0);
  let later = 0;
  for (let stage = stageCount - 1; stage >= 0; stage -= 1) {
    const forth = factor * (forward[stage] as number);
    const back = factor * (backward[stage] as number);
    const path = forth + later + back;
    const piled = isBehind && stage <= slowest && slowest > 0;
    inFlight[stage] = piled ? Math.max(path, (stageCount - stage) * interval) : path;
    later += forth + back;
  }
  const waiting = isBehind ? interval - slot / 2 : 0;
  const arrivalToEnd = new Array<number>(stageCount).fill(0);
  const backwards = new Array<number>(stageCount).fill(0);
  let earlier = 0;
  for (let stage = 0; stage < stageCount; stage += 1) {
    arrivalToEnd[stage] = waiting + (inFlight[0] as number) - earlier;
    earlier += factor * (backward[stage] as number);
    backwards[stage] = 1 / (interval * (periods[stage] as number));
  }
  return { slowest: most, interval, inFlight, arrivalToEnd, backwards };
}

/** A stage that is busy for a larger share of the time than this misses some of it. */
const easyShare = 0.75;
/** How much of the share beyond that it misses. */
const missed = 0.3;

/**
 * How much further apart items are taken in than they come. If the backward passes of a worker's
 * slowest stage take longer than the way through the later stages, the stage sometimes does two of
 * them in a row, and then idles until the next item has gone that way; with little time to spare it
 * cannot make up for that. (Simulated plans: 12 % of the items at a share of .98, 6 at .88, 2 at
 * .8, none at .74; others lose less.) If there is always an item that waits, the stage is fully
 * busy.
 */
const hurry = (share: number): number => 1 + missed * Math.max(0, Math.min(1, share) - easyShare);

/** A number of workers of the same pace. */
export interface PacedPart extends Part {
  readonly pace: WorkerPace;
}

/** A running pipeline; lists are by stage unless stated otherwise. */
export interface SteadyState {
  readonly parts: readonly PacedPart[];
  /** How much longer all stages take for lack of compute units; 1 if there are enough. */
  readonly stretch: number;
  /** Share of the compute units' time that is used. */
  readonly utilisation: number;
  /** Backward passes per millisecond, of all workers. */
  readonly gradients: readonly number[];
  /** Updates per millisecond, of all workers. */
  readonly updates: readonly number[];
  /** Updates between the weights that a gradient was computed with and its own, mean. */
  readonly staleness: readonly number[];
  /** Items in flight whose backward pass is still to come, of all workers, mean. */
  readonly inFlight: readonly number[];
  /** Standard deviation of that, for workers that do not keep in step. */
  readonly swing: readonly number[];
  /** Share of the items that the workers could take in which a limit on items in flight allows. */
  readonly admission: number;
}

/**
 * The steady state of a plan, in closed form (ours).
 *
 * - Where compute units are too few, all times are stretched as in `stretch`, with the slowest
 *   stage's time for T_n.
 * - staleness: the updates of all workers at the stage while an item is in flight there; of its
 *   own worker only those of the other items in flight that come back, by Little's law again.
 *   Where a worker gathers (T2), it is no more than V - 1, the stage's versions (`slots`) without
 *   the newest: an update needs a free slot, and a slot becomes free when the last item that
 *   began with it ends, about a flight after the next update, so V slots make no more than V
 *   updates in 1 / rate + flight.
 *
 * Means over workers are weighted by their backward passes at the stage.
 *
 * @param repair the compensation that runs, whose time the profile gives, and the most items in
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
 * The same for workers by kind.
 * @param repairTimes ms that the repair of a gradient takes at each stage; default: none.
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
    parts.map(({ kind, count }) => ({
      kind,
      count,
      pace: paceOf(forward, kind.backward, kind.periods, slot, factor),
    }));
  const unstretched = pacedBy(1);
  let factor = 1;
  if (computeUnits !== undefined) {
    const loads = unstretched.map(({ kind, count, pace }) => ({
      time: pace.slowest,
      work: kind.work,
      count,
    }));
    factor = stretch(loads, arrivalInterval, computeUnits);
  }
  const paced = factor === 1 ? unstretched : pacedBy(factor);
  let used = 0;
  for (const { kind, count, pace } of paced) used += (count * kind.work) / pace.interval;
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
    const wanted = wantedAt(paced, stage, wished);
    const late = gathers ? Math.min(wanted, versionCount(stash, groups, true) - 1) : wanted;
    gradients.push(taken);
    inFlight.push(present);
    swing.push(Math.sqrt(variance));
    staleness.push(late);
    // What waits for a free version is gathered too, so proportionally fewer updates are made.
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
 * As many slots at each stage as evenly spaced items need: an item that comes every t and stays for
 * r finds ceil(r / t) there, itself included. Where workers are not in step, a quarter of the
 * standard deviation is added: they wait for each other at times, as simulated plans showed.
 */
export function neededSlots(state: SteadyState): number[] {
  return state.inFlight.map((_, stage) => Math.max(1, Math.ceil(neededAt(state, stage))));
}

function neededAt({ inFlight, swing }: SteadyState, stage: number): number {
  return (inFlight[stage] as number) + (swing[stage] as number) / 4 - rounding;
}

/**
 * The steady state if no more items than `limit` may be in flight at a stage. By Little's law the
 * rate is proportional to the items that are there: if fewer may be, proportionally fewer are taken
 * in, and proportionally fewer updates come between. An update is late for the items that are in
 * flight when it is made, which are at most `limit` minus its own, so no more come between on
 * average: none if an item is alone at a stage.
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

/** Updates of all workers while an item is in flight at a stage, its own aside; mean over workers. */
function wantedAt(paced: readonly PacedPart[], stage: number, wished: number): number {
  let [sum, total] = [0, 0];
  for (const { kind, count, pace } of paced) {
    const gathered = kind.worker.accumulate[stage] as number;
    const backwards = pace.backwards[stage] as number;
    const flight = pace.inFlight[stage] as number;
    const others = (wished - backwards / gathered) * flight;
    const weight = count * backwards;
    sum += weight * (others + Math.max(0, flight * backwards - 1) / gathered);
    total += weight;
  }
  return sum / total;
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
