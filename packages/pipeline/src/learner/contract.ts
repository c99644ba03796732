import type { Plan, Profile } from "@ferret-ocl/planner";
import type { PartReference } from "../clock/threads/part-reference.js";
import type { RecentActions } from "../metrics/action-ring.js";
import type { WarningListener } from "../metrics/alarm.js";
import type { LearnerMetrics } from "../metrics/metrics-book.js";
import type { Model, ModelSpecification, SequentialSpecification } from "../model/spec.js";
import type { RuntimeName } from "../runtime/choose.js";
import type { TimedAction } from "../schedule/action.js";
import type { PlanSwitch } from "./by-hand/replan.js";

/** A layer as Keras writes it: `{ class_name: "Dense", config: { units: 10 } }`. */
export type LayerSpecification = SequentialSpecification["config"]["layers"][number];

/** Where time comes from. */
export type ClockOptions =
  /** Worker threads, in real time; `count`: threads that compute, default all cores. */
  | { readonly kind: "threads"; readonly count?: number }
  /**
   * A simulated clock, the same everywhere: an arrival takes an `arrivalInterval`, a pass what the
   * profile says, on `computeUnits` that share the work (default: as many as can be used).
   */
  | {
      readonly kind: "virtual";
      readonly computeUnits?: number;
      readonly unitSpeeds?: readonly number[];
      /** Called with every action when it ends. */
      readonly onAction?: (action: TimedAction) => void;
    };

/** Options of every learner; all but `model` may be left out, `inputShape` if the model specifies it. */
export interface CommonLearnerOptions {
  /**
   * A built-in model by name (see `builtInModels`), a path (a Keras JSON file, or the folder of a
   * LayersModel that tfjs saved, with its parameters), a Keras specification, its list of layers,
   * or the result of `parseModel`.
   */
  readonly model: string | ModelSpecification | readonly LayerSpecification[] | Model;
  /**
   * Shape of a sample, such as [28, 28, 1], for built-in models and lists of layers; else checked.
   */
  readonly inputShape?: readonly number[];
  /** Initial parameters: a safetensors file, or layer by layer; default: drawn from the seed. */
  readonly weights?: string | Float32Array;
  /** The most samples that are learned or predicted at once; default 16. */
  readonly batch?: number;
  /**
   * A name of `@ferret-ocl/ocl-algorithms`, a module's function (`./mine.mjs#create`), or a
   * reference to one; default vanilla.
   */
  readonly algorithm?: string | PartReference;
  readonly algorithmOptions?: Readonly<Record<string, unknown>>;
  /** A compensator by name; default `auto`: the one with which the plan makes the most progress. */
  readonly compensation?: string;
  /** A name of `optimizerNames`; default sgd, plain descent. */
  readonly optimizer?: string;
  readonly optimizerOptions?: Readonly<Record<string, unknown>>;
  /** Default 0.05. */
  readonly learningRate?: number;
  /** `40MiB`, bytes, or a name: `min`, `2bw`, or `none`, the default. */
  readonly memoryBudget?: number | string | null;
  /**
   * Time between items to plan for, `5ms` or milliseconds. On threads the default is the shortest
   * that the threads can keep up with; the virtual clock has no default.
   */
  readonly arrivalInterval?: number | string;
  /** Default threads. */
  readonly clock?: ClockOptions;
  /**
   * What `learn` and `observe` do with an item for which there is no room: `drop` it, the default,
   * or, on threads, `wait`.
   */
  readonly whenBusy?: "drop" | "wait";
  /** Seed of drawn parameters and of what Dropout layers drop; a whole number, default 0. */
  readonly seed?: number;
  /** What computes; default `auto`: native programs if they are built, otherwise tfjs. */
  readonly runtime?: RuntimeName;
  /**
   * Durations to plan with: `measured` here, the default on threads; `model`, from operation
   * counts, the default on the virtual clock; or a profile.
   */
  readonly timing?: "measured" | "model" | Profile;
  /** What plans are made for, see `PlanRequest`; default progress. */
  readonly objective?: "progress" | "paper";
  /** A plan made elsewhere for this model and batch, instead of a search. */
  readonly plan?: Plan;
  /** Called with a sentence that a person should read; default: emits a process warning. */
  readonly onWarning?: WarningListener;
}

/** Options of a learner of classes; `classes` may be left out if the model specifies them. */
export interface LearnerOptions extends CommonLearnerOptions {
  /** Number of classes, for a built-in model; otherwise checked. */
  readonly classes?: number;
  /** For regression, see `RegressorOptions`. */
  readonly outputs?: undefined;
  /** What is minimised; default this one. */
  readonly loss?: "sparseCategoricalCrossentropy";
}

/** Samples: one, or several one after the other, in the order of the model's input. */
export type Samples = Float32Array | readonly unknown[];
/** A label for each sample, 0 to classes - 1. */
export type Labels = number | Int32Array | Uint8Array | readonly number[];

/** What was predicted for n samples. */
export interface Prediction {
  /** Class of the first sample. */
  readonly label: number;
  /** Class of each sample, [n]. */
  readonly labels: Int32Array;
  /** Softmax of the logits, or of the scores of an algorithm's own prediction, [n, classes]. */
  readonly probabilities: Float32Array;
}

/** What was predicted for samples before they were learned. */
export interface Observation extends Prediction {
  /** Number of samples that were predicted correctly. */
  readonly correct: number;
  /** Number of samples that were taken in to be learned; the others were dropped. */
  readonly learned: number;
}

/** What changes while the stream flows; what is left out stays as it is. */
export interface LearnerChange {
  readonly memoryBudget?: number | string | null;
  /** Null, on threads: none is asked for any more, and the plan is for the shortest they can keep up with. */
  readonly arrivalInterval?: number | string | null;
  /** A plan made elsewhere, instead of a new search. */
  readonly plan?: Plan;
}

/**
 * A model that predicts and learns a stream inside a memory budget (Ferret, arXiv 2503.12053): of
 * classes a `Learner`, of values a `Regressor`.
 *
 * Calls may overlap: they are taken in the order in which they were made, and predictions do not
 * wait for what is learned. More samples than a batch become several items.
 */
export interface LearnerOf<Truth, Predicted, Observed, Metrics = LearnerMetrics> {
  readonly model: Model;
  /** The profile that the plan was made from. */
  readonly profile: Profile;
  /** The present plan. */
  readonly plan: Plan;
  /** Bytes that the run may use; null for no limit. */
  readonly memoryBudget: number | null;
  /** Name of the compensator that repairs late gradients. */
  readonly compensation: string;
  /**
   * Predicts by the newest weights. Learns nothing, and takes no time on the virtual clock.
   * @throws InputError if the samples are incomplete or have values that are not finite.
   */
  predict(x: Samples): Promise<Predicted>;
  /**
   * An arrival that is learned, whether or not it has been predicted before.
   * @returns how many samples were taken in; the others were dropped.
   * @throws InputError as `predict`, and if labels are not classes (targets not finite) or not as
   *   many as samples; then nothing of the call counts.
   */
  learn(x: Samples, y: Truth): Promise<number>;
  /** An arrival that is predicted first, then learned. Throws as `learn`. */
  observe(x: Samples, y: Truth): Promise<Observed>;
  /**
   * Waits until all that was taken in is learned, and ends learning: only `predict` still works.
   */
  finish(): Promise<void>;
  /**
   * Continues with another budget or arrival interval: what is in flight finishes, then the model
   * is cut again. Parameters stay to the bit; the state of compensator and optimizer is reset. On
   * threads the search runs on a thread of its own, and items continue under the old plan meanwhile.
   * @throws InputError if no plan fits; then the old one continues.
   */
  replan(change: LearnerChange): Promise<void>;
  /**
   * Writes a checkpoint to a folder, to go on from with `openLearner`: parameters, state of
   * compensation, optimizer and algorithm with what it replays, counters and metrics. It takes its
   * turn after the calls before it; what is in flight finishes first, and the learner goes on while
   * the files are written. The last two are kept.
   *
   * Until the files are written it takes, beside the ledger, as much memory as they have.
   *
   * @param attachment plain data that goes with it, such as the place in the stream, class names or
   *   what `RunningScaler.save` gave; the opened learner has it as `attachment`.
   * @returns the path of the checkpoint's JSON file.
   * @throws InputError if the folder cannot be written, JSON cannot hold the attachment, or the
   *   algorithm is one that cannot be saved.
   */
  save(folder: string, attachment?: unknown): Promise<string>;
  /** What was saved with the checkpoint that it was opened from; undefined: nothing was. */
  readonly attachment: unknown;
  /** The switches so far, the oldest first. */
  switches(): readonly PlanSwitch[];
  /** A copy of the newest parameters, layer by layer. */
  parameters(): Float32Array;
  /** Figures of the run so far. */
  metrics(): Metrics;
  /**
   * What it did of late: the newest actions, at most 512, in the order in which they ended. A prediction
   * is a `P`; all others belong to a stage and a worker, see `TimedAction`. Milliseconds: on threads since
   * it was created, else of virtual time, where predictions take none.
   *
   * Noting them costs next to nothing, and nothing before the first call, which gives none.
   */
  recentActions(): RecentActions;
  /** Stops threads and releases memory; belongs in a `finally`. May be called more than once. */
  dispose(): Promise<void>;
}

/** A learner of classes. */
export type Learner = LearnerOf<Labels, Prediction, Observation>;
