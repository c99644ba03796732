import type { Overheads, Plan, Profile } from "@ferret-ocl/planner";
import type { LearnerState } from "../../checkpoint/learner-state.js";
import type { PartReference } from "../../clock/threads/part-reference.js";
import type { Admission } from "../../course/admission.js";
import type { Batch } from "../../execute/algorithm.js";
import type { InitialParameters } from "../../execute/parameters.js";
import type { Ledger } from "../../memory/ledger.js";
import type { RecentActions } from "../../metrics/action-ring.js";
import type { WarningListener } from "../../metrics/alarm.js";
import type { LearnerMetrics } from "../../metrics/metrics-book.js";
import type { Model } from "../../model/spec.js";
import type { RuntimeChoice } from "../../runtime/load.js";
import type { TimedAction } from "../../schedule/action.js";
import type { SchedulePlan } from "../plan/schedule-plan.js";
import type { PlanChange, PlanSwitch } from "./replan.js";

/**
 * Called for every prediction in the order of arrival: the number of samples predicted correctly,
 * the class predicted for each and its label. Both arrays belong to the run: copy what you want to
 * keep.
 */
export type PredictionListener = (
  item: number,
  correct: number,
  predicted: Int32Array,
  labels: Int32Array,
) => void;

/**
 * The same in regression: the mean squared error of the item, the values predicted and the targets,
 * both [size, outputs].
 */
export type ValuesListener = (
  item: number,
  meanSquaredError: number,
  values: Float32Array,
  targets: Float32Array,
) => void;

/** Options of every learner on threads. */
export interface ThreadsOptions extends InitialParameters {
  readonly model: Model;
  /** The profile that the plan was made from. */
  readonly profile: Profile;
  /** Threads that compute; this thread delivers the items. Each loads the runtime for itself. */
  readonly threads: number;
  readonly runtime: RuntimeChoice;
  /** Holds the memory budget, the algorithm's buffers included. */
  readonly ledger: Ledger;
  /**
   * The function that creates the learning algorithm, on every thread: called with `arguments`,
   * then the shape `{ batch, inputLength, classes, parameterCount, layers }` (in regression with
   * `loss`, and `classes` the number of outputs) and `{ ...algorithmOptions, allocate }`. `compose` is
   * called on this thread, or on one of its own if there is an `attach`; `loss`, `regularise`,
   * `regulariseWhole` and `predict` on the others: what they share must be in memory from `allocate`.
   */
  readonly algorithm: PartReference;
  readonly algorithmOptions?: Readonly<Record<string, unknown>>;
  /**
   * The function that creates the compensator: called with `arguments`, then the vector kernels.
   */
  readonly compensator: PartReference;
  /**
   * The function that creates the optimizer: called with `arguments`, then the vector kernels, like
   * `createOptimizer`; default plain gradient descent.
   */
  readonly optimizer?: PartReference | undefined;
  readonly learningRate: number;
  /** Milliseconds between items; null: as fast as they can be taken, without dropping any. */
  readonly arrivalInterval: number | null;
  /** Called in the order of arrival; see `PredictionListener`. In regression `onValues` is. */
  readonly onPrediction: PredictionListener;
  /** Called in the order of arrival in regression, and only there. */
  readonly onValues?: ValuesListener | undefined;
  /** As in `VirtualLearnerOptions`. */
  readonly onWarning?: WarningListener | undefined;
  /** Items whose actions are recorded; default none. */
  readonly tracedItems?: number;
}

/** Options of `startThreadsLearner`. */
export interface ThreadsLearnerOptions extends ThreadsOptions {
  /** Its overheads: `executorCount` = threads, `arrivalSlots` = `arrivalSlots(threads)`. */
  readonly plan: Plan;
  /** Vectors that the compensator keeps, as long as the parameters; for `replan`, default 0. */
  readonly stateVectors?: number;
  /** The plan's overheads apart from compensation, optimizer and threads; for `replan`. */
  readonly overheads?: Partial<Overheads>;
  /** As in `VirtualLearnerOptions`. */
  readonly state?: LearnerState | undefined;
}

/** Options of `startThreadsScheduledLearner`. */
export interface ThreadsScheduledLearnerOptions extends ThreadsOptions {
  /** Its overheads: `executorCount` = threads, `arrivalSlots` = `arrivalSlots(threads)`. */
  readonly plan: SchedulePlan;
}

/** Options of `startThreadsOneStageLearner`. */
export interface ThreadsOneStageLearnerOptions extends ThreadsOptions {
  readonly admission: Admission;
}

/** A learner on threads. */
export interface ThreadsLearnerBase {
  /**
   * Delivers the next item when its time has come; it is copied, predicted, and learned or dropped.
   * If labels come late, `learned` is the item whose labels come with this one, or null while there
   * are none; by default it is the item itself. Make one call at a time: await its promise first.
   * @throws InputError if an input is not finite, a label is not a class, or a size or type is
   *   wrong: such an item does not count, and the learner continues. Error that names thread, item
   *   and stage if a thread has failed. After this and any other error of the algorithm or of
   *   `onPrediction` the threads have been stopped, and the learner no longer works.
   */
  observe(item: Batch, learned?: Batch | null): Promise<void>;
  /**
   * Lets every admitted item finish and stops the threads. Late gradients that no later item
   * corrects are weighted as `finish` of `VirtualLearner` does, so that they do not carry the model
   * away.
   */
  finish(): Promise<void>;
  /**
   * After `finish`: number of samples that the newest weights classify correctly; in regression, the
   * mean squared error.
   * @param predicted where the class predicted for each sample is written, size elements; in
   *   regression the values, size x outputs.
   */
  evaluate(item: Batch, predicted?: Int32Array | Float32Array): number;
  /**
   * After `finish`: size x classes logits, or the scores of an algorithm that predicts by itself, in a
   * buffer that the next call overwrites.
   */
  predict(item: Batch): Float32Array;
  /** A copy of the newest parameters, layer by layer; of the same moment only after `finish`. */
  parameters(): Float32Array;
  /**
   * Actions of the first items under the present plan, in the order in which they ended; ms from
   * the start.
   */
  actions(): TimedAction[];
  /**
   * The newest actions, at most 512: what was predicted (`P`), and what stages and workers did. They are
   * noted from the first call on, which gives none; before it nothing is.
   */
  recentActions(): RecentActions;
  /** Figures of the run so far. */
  metrics(): ThreadsMetrics;
  /**
   * Stops the threads, whatever they are doing, and releases the buffers; the learner no longer
   * works afterwards. Call it in a `finally`: if the caller's own code has thrown, nothing else
   * stops the threads. (If it is forgotten the process still ends, since the threads alone do not
   * keep it alive.) May be called at any time and more than once; it throws nothing.
   */
  dispose(): Promise<void>;
}

/** Ferret on threads. */
export interface ThreadsLearner extends ThreadsLearnerBase {
  /**
   * Continues with another budget, arrival interval or overheads: every item that was taken in
   * finishes, then the model is cut again and new threads continue. The parameters stay as they are
   * to the bit; items that are due in the meantime come late. The state of compensator and
   * optimizer is reset.
   * @throws InputError if no plan fits; then the old one continues.
   */
  replan(change: PlanChange): Promise<void>;
  /** The switches so far, the oldest first; pauses in real time. */
  switches(): readonly PlanSwitch[];
  /**
   * A copy of all that it is, to go on from with `state`. What is in flight finishes first, then the
   * same threads continue; items that are due in the meantime come late.
   * @throws InputError if the algorithm has no `save`.
   */
  save(): Promise<LearnerState>;
}

/** A fixed schedule on threads. */
export interface ThreadsScheduledLearner extends ThreadsLearnerBase {
  /** By stage: the most micro-batches whose activations were held at once. */
  activations(): number[];
}

export interface ThreadsMetrics extends LearnerMetrics {
  /** The longest time by which an item came late, because predictions lagged; milliseconds. */
  readonly mostLate: number;
  /**
   * Predictions, forward and backward passes that the threads have done under the present plan, and
   * the mean microseconds that one took: for the math, and for choosing, beginning and ending it.
   */
  readonly effort: {
    readonly actions: number;
    readonly mathTime: number;
    readonly schedulingTime: number;
  };
}
