import { checkPartition } from "./check.js";
import { checkWorkers, participation, type WorkerConfiguration } from "./worker.js";

/**
 * How many of each buffer a pipeline needs. The engine allocates from these counts, the memory
 * prediction multiplies them by bytes. `n` is a worker, `i` a stage, `b` the boundary behind stage
 * `b` (the last one holds the logits).
 *
 * One worker, P = 3, F forward, B backward, time to the right:
 *
 * ```
 * stage 0   F0  F1  F2  --  --  B0  F3  B1  F4  B2      3 items between F and B: P - 0
 * stage 1       F0  F1  --  B0  F2  B1  F3  B2          2 items:                 P - 1
 * stage 2           F0  B0  F1  B1  F2  B2              1 item:                  P - 2
 * ```
 */
export interface Slots {
  /** V_i: versions of stage i's parameters, the newest included; shared by all workers. */
  readonly versions: number[];
  /** Stages that gather gradients over several backwards: one accumulator each. */
  readonly accumulators: boolean[];
  /** [n][i] items whose backward at stage i is still to come. */
  readonly stash: number[][];
  /** [n][i] saved-activation slots: the stash, or 0 where the worker recomputes. */
  readonly saved: number[][];
  /**
   * [n][i] items whose backward at stage i has reached the input, but not the parameters yet; only
   * of schedules that do the two apart.
   */
  readonly pending?: number[][];
  /** [n][b] boundary slots: a stage's output, then its gradient in place. */
  readonly boundaries: number[][];
  /** [n] slots of the items' own input, until stage 0 is done with it. */
  readonly inputs: number[];
  /** [n] slots of labels: every item in flight reaches the last stage, omitted ones too. */
  readonly labels: number[];
  /** [n][i] L: the worker's q-th item does a backward at stage i iff q mod L = 0. */
  readonly participation: number[][];
}

/**
 * ceil((P - i) / L_i): of the P - i items that 1F1B keeps in flight at stage i, the ones that
 * come back.
 */
export function stashCounts(periods: readonly number[]): number[] {
  const stageCount = periods.length;
  return periods.map((period, stage) => Math.ceil((stageCount - stage) / period));
}

/** Slots of boundary `b`: the stash of its reader, one being written and one being read. */
export function boundaryCount(stageCount: number, boundary: number, readerStash: number): number {
  return Math.min(stageCount - boundary, readerStash + 2);
}

export function inputCount(stageCount: number, firstStash: number): number {
  return Math.min(stageCount, firstStash + 1);
}

/** The stage that reads boundary `b`; nobody but the loss reads the last one. */
export function readerOf(stageCount: number, boundary: number): number {
  return Math.min(boundary + 1, stageCount - 1);
}

/**
 * V_i from sums over the workers at one stage.
 *
 * Without accumulation every item in flight may need a version of its own: Σ stash. Where a worker
 * accumulates, an update that finds no free version waits in the accumulator, so the newest
 * version and one for each started group of accumulated gradients are enough: 1 + Σ groups.
 */
export function versionCount(stashSum: number, groupSum: number, accumulating: boolean): number {
  return Math.max(1, accumulating ? Math.min(stashSum, 1 + groupSum) : stashSum);
}

/**
 * Started groups of accumulated gradients behind the newest version: ceil((stash - 1) / c^a), but at
 * least one where gradients are accumulated. Else several workers might share a single version, of
 * which there is always a reader, and no update would ever find it free.
 */
export function groupCount(stash: number, accumulate: number): number {
  return Math.max(Number(accumulate > 1), Math.ceil((stash - 1) / accumulate));
}

/**
 * Counts every buffer.
 * @throws InputError where the partition or a worker is none.
 */
export function slots(
  partition: readonly number[],
  workers: readonly WorkerConfiguration[],
): Slots {
  checkPartition(partition, "partition");
  checkWorkers(workers, "workers", partition.length);
  const stageCount = partition.length;
  const periods = workers.map((worker) => participation(worker.omit));
  const stash = periods.map(stashCounts);
  const accumulators = partition.map((_, stage) =>
    workers.some((worker) => (worker.accumulate[stage] as number) > 1),
  );
  const versions = partition.map((_, stage) => {
    let stashSum = 0;
    let groupSum = 0;
    workers.forEach((worker, index) => {
      const held = (stash[index] as number[])[stage] as number;
      stashSum += held;
      groupSum += groupCount(held, worker.accumulate[stage] as number);
    });
    return versionCount(stashSum, groupSum, accumulators[stage] as boolean);
  });
  return {
    versions,
    accumulators,
    stash,
    saved: stash.map((counts, index) =>
      counts.map((count) => (workers[index]?.recompute ? 0 : count)),
    ),
    boundaries: stash.map((counts) =>
      counts.map((_, boundary) => {
        const reader = readerOf(stageCount, boundary);
        return boundaryCount(stageCount, boundary, counts[reader] as number);
      }),
    ),
    inputs: stash.map((counts) => inputCount(stageCount, counts[0] as number)),
    labels: workers.map(() => stageCount),
    participation: periods,
  };
}
