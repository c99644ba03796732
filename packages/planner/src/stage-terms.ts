import {
  gatheredValue,
  parameterShares,
  type StageTimes,
  stageTimes,
  updateDelay,
  workerInterval,
  workerTime,
} from "./cost.js";
import { runBytes, type StageBytes, stageBytes } from "./memory.js";
import { mostWorkersOf, type Problem } from "./problem.js";
import { boundaryCount, inputCount } from "./slots.js";

/** T1 off or on. */
export type Side = 0 | 1;

/**
 * What R and ledger bytes of one partition are made of, whatever its workers do: the terms that
 * searches add up, equal to those of `adaptationRate` and `predictMemory`.
 *
 * With s = stash, g = groups (`groupCount`, s - 1 where c^a = 1) and N workers, stage i holds beside
 * its parameters (see `versionCount`; its min bites only where all workers accumulate single
 * items, which costs more than if one of them does, and brings less):
 *
 * ```
 *   w_i * ( Σ_n g_n,i + k_i )     k_i = 1      where some worker accumulates; that includes the
 *                                              accumulator
 *                                 k_i = N - 1  where none does
 * ```
 *
 * So all of it is a sum over the workers, except for one saving of (N - 2) w_i at each stage that
 * some worker "covers", that is, where it accumulates. A lone worker pays w_i for that.
 *
 * Vectors of a compensation are w_i each where gradients can be late: at every stage of two workers
 * or more, and of a lone one where g > 0.
 */
export class StageTerms {
  readonly problem: Problem;
  readonly stageCount: number;
  /** Most workers worth having. */
  readonly fullWorkers: number;
  readonly bytes: StageBytes;
  /** Bytes of activations that recomputing workers share, all executors together. */
  readonly workingSet: number;
  /** Bytes of a run that no configuration changes. */
  readonly fixedBytes: number;
  /** Bytes of one worker that no configuration changes: labels, waiting batches, last output. */
  readonly workerBytes: number;
  readonly #weights: number;
  /** By side: T_n in ms, and the value that an item brings at each stage. */
  readonly #time: readonly [number, number];
  readonly #value: readonly [readonly number[], readonly number[]];
  /** By side and c^a: `gatheredValue`, once it was asked for. */
  readonly #gathered: readonly [number[], number[]] = [[], []];

  constructor(problem: Problem) {
    const { profile, partition, overheads } = problem;
    const stageCount = partition.length;
    const bytes = stageBytes(profile, partition);
    const times = stageTimes(profile, partition);
    const shares = parameterShares(profile, partition);
    this.problem = problem;
    this.stageCount = stageCount;
    this.fullWorkers = mostWorkersOf(problem, times);
    this.bytes = bytes;
    this.workingSet = overheads.executorCount * Math.max(...bytes.saved);
    this.fixedBytes = total(Object.values(runBytes(bytes, overheads)));
    this.workerBytes =
      overheads.queueLength * (bytes.input + bytes.label) +
      stageCount * bytes.label +
      (bytes.boundary.at(-1) as number);
    this.#weights = total(bytes.parameters);
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

  /** What gathering this many gradients leaves of that, as a share. */
  gatheredShare(side: Side, accumulate: number): number {
    const known = this.#gathered[side];
    known[accumulate] ??= gatheredValue(
      this.problem.valueDecay,
      this.#time[side] as number,
      accumulate,
    );
    return known[accumulate] as number;
  }

  /** What an item brings at a stage that learns from every `period`-th one. */
  value(side: Side, stage: number, period: number, accumulate: number): number {
    return (this.itemValue(side, stage) * this.gatheredShare(side, accumulate)) / period;
  }

  /** Milliseconds between two items of one of `count` workers. */
  interval(side: Side, count: number): number {
    const time = this.#time[side] as number;
    return workerInterval(time, count, this.problem.arrivalInterval, "effective");
  }

  /** w_i, bytes. */
  weight(stage: number): number {
    return this.bytes.parameters[stage] as number;
  }

  /** Bytes of a compensation's vectors at a stage where gradients can be late. */
  repairBytes(stage: number): number {
    return this.problem.overheads.compensationVectors * this.weight(stage);
  }

  /**
   * Bytes that a lone worker's choice at a stage adds to those of one among several.
   * @param groups started groups of accumulated gradients, see `groupCount`.
   */
  loneBytes(stage: number, accumulate: number, groups: number): number {
    return (accumulate > 1 ? this.weight(stage) : 0) + (groups > 0 ? this.repairBytes(stage) : 0);
  }

  /** Bytes of a stage's activations and of the boundary before it, for one worker. */
  buffers(side: Side, stage: number, stash: number): number {
    const { saved, boundary, input } = this.bytes;
    const activations = side === 1 ? 0 : stash * (saved[stage] as number);
    const before =
      stage === 0
        ? inputCount(this.stageCount, stash) * input
        : boundaryCount(this.stageCount, stage - 1, stash) * (boundary[stage - 1] as number);
    return activations + before;
  }

  /** Bytes of `count` workers where no stage is covered, without what their choices add. */
  base(count: number, mayRecompute: boolean): number {
    const vectors = count > 1 ? this.problem.overheads.compensationVectors : 0;
    return (
      this.fixedBytes +
      count * this.workerBytes +
      (mayRecompute ? this.workingSet : 0) +
      (Math.max(0, count - 1) + vectors) * this.#weights
    );
  }

  /** Bytes that the run saves once every stage is covered that can be. */
  mostCoverSaving(count: number): number {
    return count >= 3 ? (count - 2) * (this.#weights - this.weight(this.stageCount - 1)) : 0;
  }

  /** Bytes that the run saves once a stage is covered. */
  coverSaving(count: number, stage: number): number {
    const isCoverable = count >= 3 && stage < this.stageCount - 1;
    return isCoverable ? (count - 2) * this.weight(stage) : 0;
  }
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

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
