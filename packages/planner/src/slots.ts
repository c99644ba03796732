import { checkArray, checkPartition, checkWhole } from "./check.js";
import { expected } from "./errors.js";
import { checkWorkers, participation, type WorkerConfiguration } from "./worker.js";

/**
 * How many of each buffer a pipeline needs. The engine allocates by these counts, and the memory
 * prediction multiplies them by bytes. `n` is a worker, `i` a stage, and `b` the boundary after
 * stage `b` (the last one holds the logits). Workers share all buffers of a stage.
 *
 * One worker, P = 3, F forward, B backward, time to the right:
 *
 * ```
 * stage 0   F0  F1  F2  --  --  B0  F3  B1  F4  B2      3 items between F and B: P - 0
 * stage 1       F0  F1  --  B0  F2  B1  F3  B2          2 items:                 P - 1
 * stage 2           F0  B0  F1  B1  F2  B2              1 item:                  P - 2
 * ```
 *
 * Workers are seldom all as full as 1F1B allows: items come evenly, so at a stage where an item
 * stays for less than t^d one slot serves all workers. A plan may therefore limit what is in flight
 * at a stage over all workers; an item that comes to a full stage waits in front of it.
 */
export interface Slots {
  /** V_i: versions of stage i's parameters, the newest included. */
  readonly versions: number[];
  /** Stages that gather gradients over several backward passes: one accumulator each. */
  readonly accumulators: boolean[];
  /** [n][i] the most items of worker n whose backward pass at stage i is still to come. */
  readonly stash: number[][];
  /** [i] the same over all workers. */
  readonly inFlight: number[];
  /** [i] saved-activation slots; workers that recompute need none. */
  readonly saved: number[];
  /**
   * [i] items whose backward pass at stage i has reached the input but not yet the parameters; only
   * for schedules that do the two separately.
   */
  readonly pending?: number[];
  /** [b] boundary slots: a stage's output, then its gradient in place. */
  readonly boundaries: number[];
  /** Slots of the items' own input, until stage 0 is done with it. */
  readonly inputs: number;
  /** [n] slots of labels: every item in flight reaches the last stage, omitted ones too. */
  readonly labels: number[];
  /** [n][i] L: the worker's q-th item has a backward pass at stage i iff q mod L = 0. */
  readonly participation: number[][];
}

/** What slots are counted from: workers of one configuration. */
export interface SlotKind {
  readonly worker: WorkerConfiguration;
  /** L_i. */
  readonly periods: readonly number[];
  readonly stash: readonly number[];
}

/** The counts of what workers share. */
export type SharedSlots = Omit<Slots, "stash" | "labels" | "participation" | "pending">;

/**
 * ceil((P - i) / L_i): of the P - i items that 1F1B keeps in flight at stage i, the ones that
 * come back.
 */
export function stashOf(stageCount: number, stage: number, period: number): number {
  return Math.ceil((stageCount - stage) / period);
}

/** The same at all stages. */
export function stashCounts(periods: readonly number[]): number[] {
  return periods.map((period, stage) => stashOf(periods.length, stage, period));
}

/** Slots of boundary `b`: the stash of its reader, one being written and one being read. */
export function boundaryCount(stageCount: number, boundary: number, readerStash: number): number {
  return Math.min(stageCount - boundary, readerStash + 2);
}

export function inputCount(stageCount: number, firstStash: number): number {
  return Math.min(stageCount, firstStash + 1);
}

/** The stage that reads boundary `b`; only the loss reads the last one. */
function readerOf(stageCount: number, boundary: number): number {
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
 * Started groups of accumulated gradients besides the newest version: ceil((stash - 1) / c^a), but
 * at least one where gradients are accumulated. Otherwise several workers might share a single
 * version that always has a reader, and no update would ever find it free.
 */
export function groupCount(stash: number, accumulate: number): number {
  return Math.max(Number(accumulate > 1), Math.ceil((stash - 1) / accumulate));
}

/**
 * The slots that the given number of workers of each kind share. Without a limit they are the sums
 * of what each worker may need by itself.
 * @param limit the most items in flight at each stage, over all workers.
 */
export function sharedSlots(
  stageCount: number,
  parts: readonly { readonly kind: SlotKind; readonly count: number }[],
  limit?: readonly number[],
): SharedSlots {
  const shared = {
    versions: new Array<number>(stageCount),
    accumulators: new Array<boolean>(stageCount),
    inFlight: new Array<number>(stageCount),
    saved: new Array<number>(stageCount),
    boundaries: new Array<number>(stageCount),
    inputs: 0,
  };
  for (let stage = stageCount - 1; stage >= 0; stage -= 1) {
    const reader = readerOf(stageCount, stage);
    let [stash, saved, boundaries, inputs, groups, omitting, gathers] = [0, 0, 0, 0, 0, 0, false];
    for (const { kind, count } of parts) {
      const held = kind.stash[stage] as number;
      const gathered = kind.worker.accumulate[stage] as number;
      stash += count * held;
      if (!kind.worker.recompute) saved += count * held;
      boundaries += count * boundaryCount(stageCount, stage, kind.stash[reader] as number);
      inputs += count * inputCount(stageCount, held);
      groups += count * groupCount(held, gathered);
      if ((kind.periods[stage] as number) > 1) omitting += count;
      gathers ||= gathered > 1;
    }
    const most = Math.min(limit?.[stage] ?? stash, stash);
    // Items that only pass through keep their output until the next stage has read it, or learned
    // from it.
    const passing = omitting > 0 ? omitting + (shared.inFlight[reader] ?? 0) : 0;
    shared.inFlight[stage] = most;
    shared.saved[stage] = Math.min(most, saved);
    shared.boundaries[stage] = Math.min(most + passing, boundaries);
    shared.versions[stage] = versionCount(most, groups, gathers);
    shared.accumulators[stage] = gathers;
    if (stage === 0) shared.inputs = Math.min(most + omitting, inputs);
  }
  return shared;
}

/**
 * Counts every buffer.
 * @param inFlight the most items in flight at each stage, over all workers; default: as many as
 *   each worker may have by itself.
 * @throws InputError if the partition, a worker or a limit is invalid.
 */
export function slots(
  partition: readonly number[],
  workers: readonly WorkerConfiguration[],
  inFlight?: readonly number[],
): Slots {
  checkPartition(partition, "partition");
  checkWorkers(workers, "workers", partition.length);
  const limit =
    inFlight === undefined ? undefined : checkInFlight(inFlight, "inFlight", partition.length);
  const kinds = workers.map((worker) => {
    const periods = participation(worker.omit);
    return { worker, periods, stash: stashCounts(periods) };
  });
  return {
    ...sharedSlots(
      partition.length,
      kinds.map((kind) => ({ kind, count: 1 })),
      limit,
    ),
    stash: kinds.map(({ stash }) => stash),
    labels: workers.map(() => partition.length),
    participation: kinds.map(({ periods }) => periods),
  };
}

/** Checks a limit on items in flight from outside: one entry of at least 1 per stage. */
export function checkInFlight(value: unknown, name: string, stageCount: number): number[] {
  const limits = checkArray(value, name);
  if (limits.length !== stageCount)
    throw expected(`${stageCount} entries, one per stage,`, name, limits);
  return limits.map((limit, stage) => checkWhole(limit, `${name}[${stage}]`, 1));
}
