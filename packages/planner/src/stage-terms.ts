import {
  gatheredValue,
  parameterShares,
  type StageTimes,
  stageTimes,
  updateDelay,
  workerInterval,
  workerTime,
} from "./cost.js";
import { predictFrom, type StageBytes, stageBytes } from "./memory.js";
import type { Problem } from "./problem.js";
import { plainWorkers } from "./worker.js";

/** T1 off or on. */
export type Side = 0 | 1;

/**
 * What R and ledger bytes of one partition are made of, whatever its workers do: the terms that
 * searches add up, equal to those of `adaptationRate` and `predictMemory`.
 */
export class StageTerms {
  readonly bytes: StageBytes;
  /** Bytes of activations that recomputing workers share, all executors together. */
  readonly workingSet: number;
  /** Bytes of a run that no configuration changes. */
  readonly fixedBytes: number;
  /** Bytes of one worker that no configuration changes: its labels and waiting batches. */
  readonly workerBytes: number;
  readonly #problem: Problem;
  /** By side: T_n in ms, and the value that an item brings at each stage. */
  readonly #time: readonly [number, number];
  readonly #value: readonly [readonly number[], readonly number[]];
  /** By side and c^a: `gatheredValue`, once it was asked for. */
  readonly #gathered: readonly [number[], number[]] = [[], []];

  constructor(problem: Problem) {
    const { profile, partition, overheads } = problem;
    const stageCount = partition.length;
    const bytes = stageBytes(profile, partition);
    this.#problem = problem;
    this.bytes = bytes;
    this.workingSet = overheads.executorCount * Math.max(...bytes.saved);
    this.workerBytes =
      overheads.queueLength * (bytes.input + bytes.label) + stageCount * bytes.label;
    const plain = predictFrom(bytes, partition, plainWorkers(stageCount, 1), overheads);
    const { versions, activations, boundaries, queue } = plain.byCategory;
    const arriving = overheads.arrivalSlots * bytes.item;
    this.fixedBytes = plain.total - versions - activations - boundaries - queue + arriving;
    const times = stageTimes(profile, partition);
    const shares = parameterShares(profile, partition);
    this.#time = [workerTime(times, false), workerTime(times, true)];
    this.#value = [
      itemValues(problem, times, shares, false),
      itemValues(problem, times, shares, true),
    ];
  }

  /** What an item brings at a stage that learns from each, with nothing gathered. */
  itemValue(side: Side, stage: number): number {
    return (this.#value[side] as readonly number[])[stage] as number;
  }

  /** What gathering so many gradients leaves of that, as a share. */
  gatheredShare(side: Side, accumulate: number): number {
    const known = this.#gathered[side];
    known[accumulate] ??= gatheredValue(this.#problem.valueDecay, this.#time[side], accumulate);
    return known[accumulate] as number;
  }

  /** Milliseconds between two items of one of `count` workers. */
  interval(side: Side, count: number): number {
    return workerInterval(this.#time[side], count, this.#problem.arrivalInterval, "effective");
  }
}

/** By stage: the value of an item with nothing gathered, before its period divides it (Eq. 1). */
function itemValues(
  { partition, itemValue, valueDecay }: Problem,
  times: StageTimes,
  shares: readonly number[],
  recompute: boolean,
): number[] {
  return shares.map((share, stage) => {
    const delay = updateDelay(times, partition.length, stage, recompute);
    return itemValue * share * Math.exp(-valueDecay * delay);
  });
}
