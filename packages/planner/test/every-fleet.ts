import {
  adaptationRate,
  fullWorkerCount,
  type Profile,
  predictMemory,
  slots,
  stageTimes,
  type WorkerConfiguration,
} from "../src/index.js";

/** Every useful worker: T1, c^a in 1..P and c^o in 0..2P - 1 at each stage but the last. */
function everyWorker(stageCount: number): WorkerConfiguration[] {
  const last = stageCount - 1;
  let workers = [false, true].map((recompute) => ({
    recompute,
    accumulate: new Array<number>(stageCount).fill(1),
    omit: new Array<number>(stageCount).fill(0),
  }));
  for (let stage = 0; stage < last; stage += 1)
    workers = workers.flatMap((worker) =>
      Array.from({ length: stageCount * 2 * stageCount }, (_, code) => ({
        ...worker,
        accumulate: worker.accumulate.with(stage, 1 + (code % stageCount)),
        omit: worker.omit.with(stage, Math.floor(code / stageCount)),
      })),
    );
  return workers;
}

/**
 * Of workers that hold the same buffers only the one that learns most matters, whatever the others
 * do. What they hold is read from `slots`.
 */
function distinctWorkers(stageCount: number, rateOf: (worker: WorkerConfiguration) => number) {
  const partition = Array.from({ length: stageCount }, (_, stage) => stage);
  const best = new Map<string, { worker: WorkerConfiguration; value: number }>();
  for (const worker of everyWorker(stageCount)) {
    const { versions, ...counts } = slots(partition, [worker]);
    const { participation, ...held } = counts;
    const key = JSON.stringify([versions, held]);
    const value = rateOf(worker);
    if (value > (best.get(key)?.value ?? -1)) best.set(key, { worker, value });
  }
  return [...best.values()].map(({ worker }) => worker);
}

export interface Instance {
  readonly profile: Profile;
  readonly partition: readonly number[];
  readonly arrivalInterval: number;
  readonly overheads?: { readonly compensationVectors: number };
}

/** R and bytes of some workers. */
export interface Fleet {
  readonly count: number;
  /** Whether one of them does. */
  readonly recomputes: boolean;
  readonly rate: number;
  readonly memory: number;
}

/** R and bytes of every multiset of 1 .. N distinct workers, found by trying all. */
export function everyFleet({
  profile,
  partition,
  arrivalInterval,
  overheads = { compensationVectors: 0 },
}: Instance): Fleet[] {
  const most = fullWorkerCount(stageTimes(profile, partition), arrivalInterval);
  const found: Fleet[] = [];
  for (let count = 1; count <= most; count += 1) {
    const rateOf = (worker: WorkerConfiguration) => {
      const workers = new Array<WorkerConfiguration>(count).fill(worker);
      return adaptationRate({ profile, partition, workers, arrivalInterval }) / count;
    };
    const distinct = distinctWorkers(partition.length, rateOf);
    const rates = distinct.map(rateOf);
    const fleet: number[] = [];
    const extend = (first: number, rate: number) => {
      if (fleet.length === count) {
        const workers = fleet.map((index) => distinct[index] as WorkerConfiguration);
        const { total } = predictMemory(profile, partition, workers, overheads);
        const recomputes = workers.some((worker) => worker.recompute);
        found.push({ count, recomputes, rate, memory: total });
        return;
      }
      for (let index = first; index < distinct.length; index += 1) {
        fleet.push(index);
        extend(index, rate + (rates[index] as number));
        fleet.pop();
      }
    };
    extend(0, 0);
  }
  return found;
}
