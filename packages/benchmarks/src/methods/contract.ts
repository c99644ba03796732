import type { Model, PartReference, SchedulePlan, WarningListener } from "@ferret-ocl/pipeline";
import type {
  AlgorithmSettings,
  CountedAlgorithm,
  LearnerState,
  Ledger,
} from "@ferret-ocl/pipeline/engine";
import type { MemoryPrediction, Overheads, Plan, Profile } from "@ferret-ocl/planner";
import type { OnPrediction, StreamLearner } from "../learners/contract.js";
import type { Machinery } from "../machinery.js";
import type { RunSetting } from "../setting.js";

/**
 * One way to learn from a stream that comes faster than a model can be trained: what a name for
 * `--method` stands for. A new one is a file next to this one and a row of the registry.
 */
export interface Method {
  /** What it does, in a line of the help and of the README. */
  readonly summary: string;
  /** Its name in tables and charts. */
  label(setting: RunSetting): string;
  /** Whether it learns by a plan: with a memory budget, and new plans along the way. */
  readonly isPlanned: boolean;
  /** Whether a run can be saved along the way, and goes on from there. */
  readonly isSaved?: boolean;
  /** Whether it follows a fixed schedule: the setting says on how many stages. */
  readonly takesStages?: boolean;
  /** Whether it lets items wait and learns some of them at once: the setting says how many. */
  readonly skipsBatches?: boolean;
  /** Settles how it will learn and what memory that takes; nothing is allocated yet. */
  prepare(request: MethodRequest): Prepared;
}

/** What a method is told about its run. */
export interface MethodRequest {
  readonly setting: RunSetting;
  readonly model: Model;
  readonly machinery: Machinery;
  /** Layer by layer; undefined: drawn from the seed. */
  readonly initialParameters: Float32Array | undefined;
  /** Milliseconds between items; where they are as fast as they can be taken, what to plan for. */
  readonly arrivalInterval: number;
  /** The setting's algorithm, if it is given that many items as one. */
  learning(itemsAtOnce: number): Learning;
  /** To be called in the order of the stream. */
  readonly onPrediction: OnPrediction;
  /** Called with a sentence that people should read at once; default: a warning of the process. */
  readonly onWarning?: WarningListener | undefined;
  /** Items whose actions the learner keeps. */
  readonly tracedItems: number;
  /** What it goes on from; default: nothing. Only for a method that can be saved. */
  readonly state?: LearnerState | undefined;
  /** Items of the stream that had come then. */
  readonly itemsBefore?: number;
}

/** An algorithm for items of one size, and what it costs. */
export interface Learning {
  /** An instance that only says what it needs. */
  readonly needs: CountedAlgorithm;
  /** Durations and bytes of the model, with what the algorithm adds. */
  readonly profile: Profile;
  /** Milliseconds of a forward pass of one item as it arrives, without the algorithm. */
  readonly predictionTime: number;
  /** Of the algorithm, the optimizer and of late labels; one executor, no queue, no compensation. */
  readonly overheads: Overheads;
  /** An instance to learn with, its buffers from the ledger. */
  create(ledger: Ledger): CountedAlgorithm;
  /** How other threads make theirs. */
  readonly reference: PartReference;
  readonly options: AlgorithmSettings;
}

/** A learner that has not begun, and what it promises. */
export interface Prepared {
  /** Null of a method that plans nothing. */
  readonly plan: Plan | null;
  /** How a fixed schedule runs the model; only of those that play one. */
  readonly schedule?: SchedulePlan;
  /** Bytes that the run may use; null for no limit. */
  readonly budget: number | null;
  /** What a budget by name would be, where that is less than the least a plan needs. */
  readonly raisedFrom?: number | null;
  /** The most that the ledger will hand out. */
  readonly planned: MemoryPrediction;
  /** Eq. 4 of the paper, bytes; null where it does not apply. */
  readonly paperMemory: number | null;
  /** Name of the compensator in use. */
  readonly compensation: string;
  /** @param ledger with the budget; every buffer of the run comes from it. */
  start(ledger: Ledger): StreamLearner | Promise<StreamLearner>;
}
