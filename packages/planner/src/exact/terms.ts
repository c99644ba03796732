import { mostWorkersOf, type Problem } from "../problem.js";
import { boundaryCount, groupCount, inputCount } from "../slots.js";
import { type Side, StageTerms } from "../stage-terms.js";
import { accumulateLadder } from "../technique.js";

/** A useful value of c^a, and the groups of gradients it leaves behind the newest version. */
interface Gathering {
  readonly accumulate: number;
  readonly groups: number;
}

/**
 * R and memory of one partition as sums over workers and stages, in the terms that the exact
 * search adds up. With s = stash, g = groups (`groupCount`, s - 1 where c^a = 1) and N workers,
 * stage i holds beside its parameters (see `versionCount`; its min bites only where all workers
 * accumulate single items, which costs more than if one of them does, and brings less):
 *
 * ```
 *   w_i * ( Σ_n g_n,i + k_i )     k_i = 1      where some worker accumulates; that includes the
 *                                              accumulator
 *                                 k_i = N - 1  where none does
 * ```
 *
 * So all of it is a sum over the workers, but for one saving of (N - 2) w_i at each stage that
 * some worker "covers", that is, where it accumulates. A lone worker pays w_i for that.
 */
export class Terms {
  readonly stageCount: number;
  readonly fullWorkers: number;
  readonly problem: Problem;
  readonly #terms: StageTerms;
  readonly #ladders: Gathering[][] = [];

  constructor(problem: Problem) {
    this.problem = problem;
    this.stageCount = problem.partition.length;
    this.fullWorkers = mostWorkersOf(problem);
    this.#terms = new StageTerms(problem);
  }

  /** w_i, bytes. */
  weight(stage: number): number {
    return this.#terms.bytes.parameters[stage] as number;
  }

  /** Bytes of `count` workers where no stage is covered, without what their choices add. */
  base(count: number, mayRecompute: boolean): number {
    let bytes =
      this.#terms.fixedBytes +
      count * (this.#terms.workerBytes + (this.#terms.bytes.boundary.at(-1) as number)) +
      (mayRecompute ? this.#terms.workingSet : 0);
    for (let stage = 0; stage < this.stageCount; stage += 1)
      bytes += Math.max(0, count - 1) * this.weight(stage);
    return bytes;
  }

  /** Bytes that the run saves once a stage is covered. */
  coverSaving(count: number, stage: number): number {
    const isCoverable = count >= 3 && stage < this.stageCount - 1;
    return isCoverable ? (count - 2) * this.weight(stage) : 0;
  }

  /** Milliseconds between two items of one of `count` workers. */
  interval(side: Side, count: number): number {
    return this.#terms.interval(side, count);
  }

  stash(stage: number, period: number): number {
    return Math.ceil((this.stageCount - stage) / period);
  }

  /** What an item brings at a stage. */
  value(side: Side, stage: number, period: number, accumulate: number): number {
    const whole = this.#terms.itemValue(side, stage);
    return (whole * this.#terms.gatheredShare(side, accumulate)) / period;
  }

  /** Bytes of a stage's activations and of the boundary before it, for one worker. */
  buffers(side: Side, stage: number, stash: number): number {
    const { saved, boundary, input } = this.#terms.bytes;
    const activations = side === 1 ? 0 : stash * (saved[stage] as number);
    const before =
      stage === 0
        ? inputCount(this.stageCount, stash) * input
        : boundaryCount(this.stageCount, stage - 1, stash) * (boundary[stage - 1] as number);
    return activations + before;
  }

  /**
   * Useful values of c^a at a stage: 1; for each smaller number of groups the least c^a that leaves
   * it, as more lowers R and saves nothing; and 2, which covers the stage if no more.
   */
  ladder(stage: number, stash: number): readonly Gathering[] {
    const known = this.#ladders[stash];
    if (known) return stage === this.stageCount - 1 ? known.slice(0, 1) : known;
    const counts = accumulateLadder(stash - 1);
    if (counts.length === 1) counts.push(2);
    this.#ladders[stash] = counts.map((accumulate) => ({
      accumulate,
      groups: groupCount(stash, accumulate),
    }));
    return this.ladder(stage, stash);
  }
}
