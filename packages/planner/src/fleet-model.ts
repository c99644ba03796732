import { canBeLate, compensationTimes, paidTimes } from "./compensation-time.js";
import { type Kind, kindOf, type Part, type StageDurations, stageDurations } from "./kinds.js";
import { runBytes, type StageBytes, stageBytes } from "./memory.js";
import type { Problem } from "./problem.js";
import { progressFrom, type StageWeights, stageWeights } from "./progress.js";
import { type SharedSlots, sharedSlots } from "./slots.js";
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
  /** Of a run, whatever its workers. */
  readonly #fixedBytes: number;
  readonly #workingSet: number;
  /** By compensation: ms per gradient, by stage. */
  readonly #compensationTimes = new Map<string, readonly number[]>();
  readonly #takeTime = new Map<string, boolean>();

  constructor(problem: Problem) {
    const { profile, partition, arrivalInterval, optimizer } = problem;
    this.problem = problem;
    this.#bytes = stageBytes(profile, partition);
    this.#durations = stageDurations(profile, partition);
    this.#weights = stageWeights(profile, partition, optimizer);
    const { forward, backward } = this.#durations;
    this.#sequentialRate = 1 / Math.max(total(forward) + total(backward), arrivalInterval);
    this.vectorBytes = total(this.#bytes.parameters);
    this.#fixedBytes = total(Object.values(runBytes(this.#bytes, problem.overheads)));
    this.#workingSet = Math.max(...this.#bytes.saved);
  }

  get stageCount(): number {
    return this.problem.partition.length;
  }

  kind(worker: WorkerConfiguration): Kind {
    const { profile, partition } = this.problem;
    return kindOf(profile, partition, this.#durations, worker);
  }

  /** Ledger bytes with so many vectors of compensation. */
  memory(parts: readonly Part[], vectors: number, inFlight?: readonly number[]): number {
    const { plain, vector } = this.bytesOf(parts, sharedSlots(this.stageCount, parts, inFlight));
    return plain + vectors * vector;
  }

  /** Ledger bytes but for the compensation's, and those of one vector of it; as `predictSlots`. */
  bytesOf(
    parts: readonly Part[],
    slots: SharedSlots,
  ): { readonly plain: number; readonly vector: number } {
    const { parameters, saved, boundary, input, label } = this.#bytes;
    const { executorCount, queueLength } = this.problem.overheads;
    let [workers, recomputes] = [0, false];
    for (const { kind, count } of parts) {
      workers += count;
      recomputes ||= kind.worker.recompute;
    }
    let vector = 0;
    let plain =
      this.#fixedBytes +
      slots.inputs * input +
      workers * this.stageCount * label +
      workers * queueLength * (input + label) +
      (recomputes ? executorCount * this.#workingSet : 0);
    for (let stage = 0; stage < this.stageCount; stage += 1) {
      const own = parameters[stage] as number;
      plain +=
        ((slots.versions[stage] as number) - 1 + Number(slots.accumulators[stage])) * own +
        (slots.saved[stage] as number) * (saved[stage] as number) +
        (slots.boundaries[stage] as number) * (boundary[stage] as number);
      if (canBeLate(slots, stage)) vector += own;
    }
    return { plain, vector };
  }

  /** @param repairTimes ms per gradient, by stage; default none. */
  steadyState(parts: readonly Part[], repairTimes?: readonly number[]): SteadyState {
    const { arrivalInterval, computeUnits } = this.problem;
    return steadyStateOf(this.#durations, parts, arrivalInterval, computeUnits, repairTimes);
  }

  /**
   * How long a compensation takes for a gradient, ms by stage: 0 where none can be late; undefined:
   * nowhere any time.
   */
  repairTimes(compensation: string, shared: SharedSlots): readonly number[] | undefined {
    return paidTimes(this.compensationTimes(compensation), shared);
  }

  /** Whether a compensation takes any time where gradients are late. */
  takesTime(compensation: string): boolean {
    const known = this.#takeTime.get(compensation);
    if (known !== undefined) return known;
    const takes = this.compensationTimes(compensation).some((time) => time > 0);
    this.#takeTime.set(compensation, takes);
    return takes;
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
