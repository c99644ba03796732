import { compensationTimes, paidTimes } from "./compensation-time.js";
import { type Kind, kindOf, type Part, type StageDurations, stageDurations } from "./kinds.js";
import { predictSlots, type StageBytes, stageBytes } from "./memory.js";
import type { Problem } from "./problem.js";
import { progressFrom, type StageWeights, stageWeights } from "./progress.js";
import { sharedSlots } from "./slots.js";
import { type SteadyState, steadyStateOf } from "./steady-state.js";
import type { WorkerConfiguration } from "./worker.js";

/** A pipeline of one item at a time idles for moments in between. */
const slightlyLess = 0.95;

/** What is predicted for workers that omit backward passes is the least certain. */
const clearlyMore = 1.25;

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/**
 * Memory and progress of any workers on one partition, by kinds of workers: a search asks for
 * thousands of fleets, of which most have two kinds. Equal to `predictMemory` and `expectedProgress`.
 */
export class FleetModel {
  readonly problem: Problem;
  readonly #bytes: StageBytes;
  readonly #durations: StageDurations;
  readonly #weights: StageWeights;
  /** Items per millisecond that a learner with one item at a time takes in. */
  readonly #sequentialRate: number;
  /** Bytes of a vector as long as the parameters. */
  readonly vectorBytes: number;
  /** By compensation: ms per gradient, by stage. */
  readonly #compensationTimes = new Map<string, readonly number[]>();

  constructor(problem: Problem) {
    const { profile, partition, arrivalInterval, optimizer } = problem;
    this.problem = problem;
    this.#bytes = stageBytes(profile, partition);
    this.#durations = stageDurations(profile, partition);
    this.#weights = stageWeights(profile, partition, optimizer);
    const { forward, backward } = this.#durations;
    this.#sequentialRate = 1 / Math.max(total(forward) + total(backward), arrivalInterval);
    this.vectorBytes = total(this.#bytes.parameters);
  }

  get stageCount(): number {
    return this.problem.partition.length;
  }

  kind(worker: WorkerConfiguration): Kind {
    const { profile, partition } = this.problem;
    return kindOf(profile, partition, this.#durations, worker);
  }

  /**
   * Ledger bytes.
   * @param vectors that the compensation keeps.
   * @param inFlight the most items at each stage; default: as many as 1F1B allows each worker.
   */
  memory(parts: readonly Part[], vectors: number, inFlight?: readonly number[]): number {
    const { overheads, partition } = this.problem;
    const recomputes = parts.some(({ kind }) => kind.worker.recompute);
    const workerCount = total(parts.map(({ count }) => count));
    const labels = new Array<number>(workerCount).fill(partition.length);
    const counts = { ...sharedSlots(partition.length, parts, inFlight), labels };
    const own = { ...overheads, compensationVectors: vectors };
    return predictSlots(this.#bytes, counts, recomputes, own).total;
  }

  /** @param repairTimes ms per gradient, by stage; default none. */
  steadyState(parts: readonly Part[], repairTimes?: readonly number[]): SteadyState {
    const { arrivalInterval, computeUnits } = this.problem;
    return steadyStateOf(this.#durations, parts, arrivalInterval, computeUnits, repairTimes);
  }

  /**
   * How long a compensation takes for a gradient, ms by stage: 0 where none can be late.
   * @param inFlight as for `memory`.
   */
  repairTimes(
    parts: readonly Part[],
    compensation: string,
    inFlight?: readonly number[],
  ): readonly number[] | undefined {
    const times = this.compensationTimes(compensation);
    if (!times.some((time) => time > 0)) return undefined;
    return paidTimes(times, sharedSlots(this.stageCount, parts, inFlight));
  }

  /** The same with all stages' gradients late. */
  compensationTimes(compensation: string): readonly number[] {
    const known = this.#compensationTimes.get(compensation);
    if (known) return known;
    const { profile, partition } = this.problem;
    const times = compensationTimes(profile, partition, compensation);
    this.#compensationTimes.set(compensation, times);
    return times;
  }

  /**
   * Whether every stage learns from about as many items as the sequential learner would; if workers
   * omit backward passes (T3), from clearly more. If one stage falls short of that, more at the
   * others does not make up for it.
   */
  keepsPace({ gradients, parts }: SteadyState): boolean {
    const omits = parts.some(({ kind }) => kind.periods.some((period) => period > 1));
    const least = (omits ? clearlyMore : slightlyLess) * this.#sequentialRate;
    return gradients.every((rate) => rate >= least);
  }

  progress(state: SteadyState, stalenessCost: number): number {
    return progressFrom(this.#weights, state, this.problem.arrivalInterval, stalenessCost);
  }
}
