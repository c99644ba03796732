import { type Kind, kindOf, type Part, type StageDurations, stageDurations } from "./kinds.js";
import { predictSlots, type StageBytes, stageBytes } from "./memory.js";
import type { Problem } from "./problem.js";
import { progressFrom, type StageWeights, stageWeights } from "./progress.js";
import { sharedSlots } from "./slots.js";
import { type SteadyState, steadyStateOf } from "./steady-state.js";
import type { WorkerConfiguration } from "./worker.js";

/** A pipeline of one item at a time rests for moments in between. */
const slightlyLess = 0.95;

/** What is predicted of workers that omit backward passes is the least sure. */
const clearlyMore = 1.25;

/**
 * Memory and progress of any workers on one partition, by kinds of workers: a search asks for
 * thousands of fleets, of which most have two kinds. Equal to `predictMemory` and `expectedProgress`.
 */
export class FleetModel {
  readonly problem: Problem;
  readonly #bytes: StageBytes;
  readonly #durations: StageDurations;
  readonly #weights: StageWeights;

  constructor(problem: Problem) {
    const { profile, partition } = problem;
    this.problem = problem;
    this.#bytes = stageBytes(profile, partition);
    this.#durations = stageDurations(profile, partition);
    this.#weights = stageWeights(profile, partition);
  }

  get stageCount(): number {
    return this.problem.partition.length;
  }

  /** Bytes of a vector as long as the parameters. */
  get vectorBytes(): number {
    return this.#bytes.parameters.reduce((sum, bytes) => sum + bytes, 0);
  }

  kind(worker: WorkerConfiguration): Kind {
    const { profile, partition } = this.problem;
    return kindOf(profile, partition, this.#durations, worker);
  }

  /**
   * Ledger bytes.
   * @param vectors that the compensation keeps.
   * @param inFlight most items at each stage; none: as many as 1F1B lets each worker have.
   */
  memory(parts: readonly Part[], vectors: number, inFlight?: readonly number[]): number {
    const { overheads, partition } = this.problem;
    const labels: number[] = [];
    let recomputes = false;
    for (const { kind, count } of parts) {
      recomputes ||= kind.worker.recompute;
      for (let worker = 0; worker < count; worker += 1) labels.push(partition.length);
    }
    const counts = { ...sharedSlots(partition.length, parts, inFlight), labels };
    const own = { ...overheads, compensationVectors: vectors };
    return predictSlots(this.#bytes, counts, recomputes, own).total;
  }

  steadyState(parts: readonly Part[]): SteadyState {
    const { arrivalInterval, computeUnits } = this.problem;
    return steadyStateOf(this.#durations, parts, arrivalInterval, computeUnits);
  }

  /**
   * Whether every stage learns from as many items as the sequential learner would, about; where
   * workers omit backward passes (T3), clearly more. Where one falls behind that, more at the others
   * does not make up for it.
   */
  keepsPace({ gradients, parts }: SteadyState): boolean {
    const omits = parts.some(({ kind }) => kind.periods.some((period) => period > 1));
    const { forward, backward } = this.#durations;
    const whole = [...forward, ...backward].reduce((sum, time) => sum + time, 0);
    const sequential = 1 / Math.max(whole, this.problem.arrivalInterval);
    const least = omits ? clearlyMore : slightlyLess;
    return gradients.every((rate) => rate >= least * sequential);
  }

  progress(state: SteadyState, stalenessCost: number): number {
    return progressFrom(this.#weights, state, this.problem.arrivalInterval, stalenessCost);
  }
}
