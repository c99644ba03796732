import { checkAmount, checkCut, checkObject, checkOneOf, checkPositive } from "./check.js";
import type { LayerProfile, Profile } from "./profile.js";
import { checkWorkers, participation, type WorkerConfiguration } from "./worker.js";

/** Times of a partition, ms: t^f and t^b are the slowest stage's, each on its own. */
export interface StageTimes {
  readonly stageForwardTime: number;
  readonly stageBackwardTime: number;
}

/** [first, end) of every stage's layers. */
export function stageRanges(
  partition: readonly number[],
  layerCount: number,
): { first: number; end: number }[] {
  return partition.map((first, stage) => ({ first, end: partition[stage + 1] ?? layerCount }));
}

/** t^f and t^b of a partition (first layer of every stage), ms. */
export function stageTimes(profile: Profile, partition: readonly number[]): StageTimes {
  const { layers } = profile;
  let stageForwardTime = 0;
  let stageBackwardTime = 0;
  for (let stage = 0; stage < partition.length; stage += 1) {
    const end = partition[stage + 1] ?? layers.length;
    let forward = 0;
    let backward = 0;
    for (let index = partition[stage] as number; index < end; index += 1) {
      const layer = layers[index] as LayerProfile;
      forward += layer.forwardTime;
      backward += layer.backwardTime;
    }
    if (forward > stageForwardTime) stageForwardTime = forward;
    if (backward > stageBackwardTime) stageBackwardTime = backward;
  }
  return { stageForwardTime, stageBackwardTime };
}

/** T_n = t^f + t^b + c^r t^f: how often one worker can take in an item, ms. */
export function workerTime(times: StageTimes, recompute: boolean): number {
  const { stageForwardTime, stageBackwardTime } = times;
  return stageForwardTime + stageBackwardTime + (recompute ? stageForwardTime : 0);
}

/** N = ceil((t^f + t^b) / t^d) workers keep up with the stream; at least one. */
export function fullWorkerCount(times: StageTimes, arrivalInterval: number): number {
  // A ratio of 8 + 1e-15 is rounding, not a need for a ninth worker.
  return Math.max(1, Math.ceil(workerTime(times, false) / arrivalInterval - 1e-9));
}

/**
 * Time between two items of one worker, ms. The paper takes T_n. But a worker is only offered
 * every N-th item, so it cannot be quicker than N t^d: "effective" is max(T_n, N t^d) (ours).
 */
export type IntervalModel = "effective" | "paper";

/** Milliseconds between two items that one of the workers takes in; `time` is T_n. */
export function workerInterval(
  time: number,
  workerCount: number,
  arrivalInterval: number,
  model: IntervalModel,
): number {
  return model === "paper" ? time : Math.max(time, workerCount * arrivalInterval);
}

/** |w_i| / Σ|w| by stage. */
export function parameterShares(profile: Profile, partition: readonly number[]): number[] {
  const { layers } = profile;
  let total = 0;
  const bytes = partition.map((first, stage) => {
    const end = partition[stage + 1] ?? layers.length;
    let own = 0;
    for (let index = first; index < end; index += 1)
      own += (layers[index] as LayerProfile).parameterBytes;
    total += own;
    return own;
  });
  return bytes.map((value) => value / total);
}

/** Time from an item's arrival to the update of stage `stage` with nothing gathered (j = 0), ms. */
export function updateDelay(
  times: StageTimes,
  stageCount: number,
  stage: number,
  recompute: boolean,
): number {
  const { stageForwardTime, stageBackwardTime } = times;
  const behind = stageCount - stage;
  return (
    stageCount * stageForwardTime +
    behind * stageBackwardTime +
    (recompute ? behind * stageForwardTime : 0)
  );
}

/**
 * Mean of exp(-valueDecay * j * time) over j = 0 .. count-1: what gathering `count` gradients
 * leaves of an item's value. A geometric series, so one expression for any count.
 */
export function gatheredValue(valueDecay: number, time: number, count: number): number {
  const step = valueDecay * time;
  if (step * count < 1e-12 || count === 1) return 1;
  return Math.expm1(-step * count) / Math.expm1(-step) / count;
}

/** What a worker demands of the machine. */
export interface Load {
  /** T_n, ms. */
  readonly time: number;
  /** Work per item, ms of one unit: all forward passes, and the backward passes that are made. */
  readonly work: number;
  /** Workers that demand the same; default 1. */
  readonly count?: number;
}

/** Work of one worker on an item, ms of one unit, mean over the items it omits (T3). */
export function workPerItem(
  profile: Profile,
  partition: readonly number[],
  worker: WorkerConfiguration,
): number {
  const periods = participation(worker.omit);
  let work = 0;
  stageRanges(partition, profile.layers.length).forEach(({ first, end }, stage) => {
    for (const layer of profile.layers.slice(first, end)) {
      const again = worker.recompute ? layer.forwardTime : 0;
      work += layer.forwardTime + (layer.backwardTime + again) / (periods[stage] as number);
    }
  });
  return work;
}

/**
 * How much longer everything takes if the workers demand more than `units` compute units can do
 * (ours): the least factor x >= 1 with
 *
 * ```
 * Σ_n work_n / max(x T_n, N t^d) <= units
 * ```
 *
 * Units are assumed to be shared out so that none idles while another has a queue. A worker that is
 * stretched up to N t^d still keeps up; beyond that it drops items. Found by halving, to 1e-12: the
 * left side falls as x rises, and x = Σ work_n / T_n / units is always enough.
 */
export function stretch(
  loads: readonly Load[],
  arrivalInterval: number,
  units: number | undefined,
): number {
  if (units === undefined) return 1;
  const total = (of: (load: Load) => number) =>
    loads.reduce((sum, load) => sum + (load.count ?? 1) * of(load), 0);
  const slot = arrivalInterval * total(() => 1);
  const asked = (factor: number) => total(({ time, work }) => work / Math.max(factor * time, slot));
  if (asked(1) <= units * (1 + 1e-12)) return 1;
  let [low, high] = [1, total(({ time, work }) => work / time) / units];
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (asked(middle) <= units) high = middle;
    else low = middle;
  }
  return high;
}

/** The configuration whose adaptation rate R (Eq. 1 and 3) is asked for. */
export interface RateRequest {
  readonly profile: Profile;
  readonly partition: readonly number[];
  readonly workers: readonly WorkerConfiguration[];
  /** t^d, ms. */
  readonly arrivalInterval: number;
  /** c, 1/ms; default 0.01 / arrivalInterval. */
  readonly valueDecay?: number;
  /** V_D; default 1. */
  readonly itemValue?: number;
  /** Default "effective". */
  readonly interval?: IntervalModel;
  /** D: compute units that share the work (`stretch`); default as many as there are stages. */
  readonly computeUnits?: number;
}

/**
 * R of Eq. 1 and 3 (Ferret, CVPR 2025, arXiv 2503.12053): value learned per millisecond.
 *
 * ```
 * delay(n,i,j) = (P + j) t^f + (P - i + j) t^b + c^r_n (P - i + j) t^f
 * R = Σ_n Σ_i |w_i|/Σ|w| * 1/c^a Σ_{j < c^a} V exp(-c delay(n,i,j)) / (L_{n,i} * interval_n)
 * ```
 *
 * @throws InputError that names what is missing or wrong: partition and workers are needed, as `plan`
 * returns them.
 */
export function adaptationRate(request: RateRequest): number {
  checkObject(request, "request");
  const { profile, partition, workers, arrivalInterval, computeUnits } = request;
  checkCut(profile, partition);
  checkWorkers(workers, "workers", partition.length);
  checkPositive(arrivalInterval, "arrivalInterval");
  const valueDecay = checkAmount(request.valueDecay ?? 0.01 / arrivalInterval, "valueDecay");
  const itemValue = checkPositive(request.itemValue ?? 1, "itemValue");
  const model = checkOneOf(request.interval ?? "effective", "interval", ["effective", "paper"]);
  if (computeUnits !== undefined) checkPositive(computeUnits, "computeUnits");
  const stageCount = partition.length;
  const unstretched = stageTimes(profile, partition);
  const loads = workers.map((worker) => ({
    time: workerTime(unstretched, worker.recompute),
    work: workPerItem(profile, partition, worker),
  }));
  const factor = stretch(loads, arrivalInterval, computeUnits);
  const times = {
    stageForwardTime: factor * unstretched.stageForwardTime,
    stageBackwardTime: factor * unstretched.stageBackwardTime,
  };
  const shares = parameterShares(profile, partition);
  let rate = 0;
  for (const worker of workers) {
    const time = workerTime(times, worker.recompute);
    const interval = workerInterval(time, workers.length, arrivalInterval, model);
    const periods = participation(worker.omit);
    let value = 0;
    for (let stage = 0; stage < stageCount; stage += 1) {
      const delay = updateDelay(times, stageCount, stage, worker.recompute);
      const gathered = gatheredValue(valueDecay, time, worker.accumulate[stage] as number);
      value +=
        ((shares[stage] as number) * Math.exp(-valueDecay * delay) * gathered) /
        (periods[stage] as number);
    }
    rate += (itemValue * value) / interval;
  }
  return rate;
}
