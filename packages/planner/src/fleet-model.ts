import { type Kind, kindOf, type Part, type StageDurations, stageDurations } from "./kinds.js";
import { type StageBytes, stageBytes } from "./memory.js";
import type { Problem } from "./problem.js";
import { progressFrom, type StageWeights, stageWeights } from "./progress.js";
import { boundaryCount, groupCount, inputCount, readerOf, versionCount } from "./slots.js";
import { type SteadyState, steadyStateOf } from "./steady-state.js";
import type { WorkerConfiguration } from "./worker.js";

/** A kind, and the ledger bytes of one of its workers that grow with nothing else. */
export interface SizedKind extends Kind {
  readonly bytes: number;
}

export interface SizedPart extends Part {
  readonly kind: SizedKind;
}

/**
 * Memory and progress of any workers on one partition, by kinds of workers: a search asks for
 * thousands of fleets, of which most have two kinds. Equal to `predictMemory` and `expectedProgress`.
 */
export class FleetModel {
  readonly problem: Problem;
  readonly #bytes: StageBytes;
  readonly #durations: StageDurations;
  readonly #weights: StageWeights;
  /** Bytes that every fleet holds, without the compensation. */
  readonly #fixed: number;
  /** Bytes of a vector as long as the parameters. */
  readonly #vector: number;

  constructor(problem: Problem) {
    const { profile, partition, overheads } = problem;
    const bytes = stageBytes(profile, partition);
    this.problem = problem;
    this.#bytes = bytes;
    this.#durations = stageDurations(profile, partition);
    this.#weights = stageWeights(profile, partition);
    this.#vector = bytes.parameters.reduce((sum, each) => sum + each, 0);
    this.#fixed =
      bytes.model +
      overheads.executorCount *
        (Math.max(...bytes.parameters) + bytes.scratch + 2 * bytes.prediction) +
      overheads.optimiserVectors * this.#vector +
      overheads.replayBytes +
      overheads.algorithmBytes +
      overheads.arrivalSlots * bytes.item;
  }

  kind(worker: WorkerConfiguration): SizedKind {
    const { profile, partition, overheads } = this.problem;
    const kind = kindOf(profile, partition, this.#durations, worker);
    const { saved, boundary, input, label } = this.#bytes;
    const { stash } = kind;
    const stageCount = partition.length;
    let bytes =
      inputCount(stageCount, stash[0] as number) * input +
      stageCount * label +
      overheads.queueLength * (input + label);
    stash.forEach((held, stage) => {
      const reader = stash[readerOf(stageCount, stage)] as number;
      bytes += boundaryCount(stageCount, stage, reader) * (boundary[stage] as number);
      if (!worker.recompute) bytes += held * (saved[stage] as number);
    });
    return { ...kind, bytes };
  }

  /** Ledger bytes with a compensation of so many vectors. */
  memory(parts: readonly SizedPart[], vectors: number): number {
    const { parameters, saved } = this.#bytes;
    let total = this.#fixed + vectors * this.#vector;
    let recomputes = false;
    for (const { kind, count } of parts) {
      total += count * kind.bytes;
      recomputes ||= kind.worker.recompute;
    }
    if (recomputes) total += this.problem.overheads.executorCount * Math.max(...saved);
    parameters.forEach((bytes, stage) => {
      let [stash, groups, gathers] = [0, 0, false];
      for (const { kind, count } of parts) {
        const held = kind.stash[stage] as number;
        const gathered = kind.worker.accumulate[stage] as number;
        stash += count * held;
        groups += count * groupCount(held, gathered);
        gathers ||= gathered > 1;
      }
      total += (versionCount(stash, groups, gathers) - 1 + Number(gathers)) * bytes;
    });
    return total;
  }

  steadyState(parts: readonly SizedPart[]): SteadyState {
    const { arrivalInterval, computeUnits } = this.problem;
    return steadyStateOf(this.#durations, parts, arrivalInterval, computeUnits);
  }

  progress(state: SteadyState, stalenessCost: number): number {
    return progressFrom(this.#weights, state, this.problem.arrivalInterval, stalenessCost);
  }
}
