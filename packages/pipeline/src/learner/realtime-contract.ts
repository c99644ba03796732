import type { Overheads, Plan, Profile } from "@ferret-ocl/planner";
import type { PartReference } from "../clock/threads/part-reference.js";
import type { Admission } from "../course/admission.js";
import type { Batch } from "../execute/algorithm.js";
import type { InitialParameters } from "../execute/parameters.js";
import type { Ledger } from "../memory/ledger.js";
import type { WarningListener } from "../metrics/alarm.js";
import type { LearnerMetrics } from "../metrics/metrics-book.js";
import type { Model } from "../model/spec.js";
import type { RuntimeChoice } from "../runtime/load.js";
import type { TimedAction } from "../schedule/action.js";
import type { PlanChange, PlanSwitch } from "./replan.js";
import type { SchedulePlan } from "./schedule-plan.js";

/**
 * Told of every prediction in the order of arrival: the number of samples predicted right, the class
 * predicted of each and its label. Both arrays are the run's: copy what is to be kept.
 */
export type PredictionListener = (
  item: number,
  correct: number,
  predicted: Int32Array,
  labels: Int32Array,
) => void;

/** What every learner on threads and the wall clock is told. */
export interface WallClockOptions extends InitialParameters {
  readonly model: Model;
  /** The profile that the plan was made from. */
  readonly profile: Profile;
  /** Threads that compute; this thread brings the items. Each loads the runtime for itself. */
  readonly threads: number;
  readonly runtime: RuntimeChoice;
  /** Holds the memory budget, the algorithm's buffers included. */
  readonly ledger: Ledger;
  /**
   * What makes the learning algorithm, in every thread: called with `arguments`, then the shape
   * `{ batch, inputLength, classes, parameterCount, layers }` and `{ ...algorithmOptions, allocate }`.
   * `attach` and `compose` are only called in this thread, `loss`, `regularise`, `regulariseWhole` and
   * `predict` in the others: what they share must lie in memory from `allocate`.
   */
  readonly algorithm: PartReference;
  readonly algorithmOptions?: Readonly<Record<string, unknown>>;
  /** What makes the compensator: called with `arguments`, then the vector kernels. */
  readonly compensator: PartReference;
  /**
   * What makes the optimizer: called with `arguments`, then the vector kernels, as `createOptimizer`
   * is; default plain descent.
   */
  readonly optimizer?: PartReference | undefined;
  readonly learningRate: number;
  /** Milliseconds between items; null: as fast as they can be taken, without a drop. */
  readonly arrivalInterval: number | null;
  /** Called in the order of arrival; see `PredictionListener`. */
  readonly onPrediction: PredictionListener;
  /** Called as `VirtualLearnerOptions` has it. */
  readonly onWarning?: WarningListener | undefined;
  /** Items whose actions are recorded; default none. */
  readonly tracedItems?: number;
}

/** What `startRealtimeLearner` is told. */
export interface RealtimeLearnerOptions extends WallClockOptions {
  /** Its overheads: `executorCount` = threads, `arrivalSlots` = `arrivalSlots(threads)`. */
  readonly plan: Plan;
  /** Vectors as long as the parameters that the compensator keeps, for `replan`; default 0. */
  readonly stateVectors?: number;
  /** What the plan was made with, beside compensation, optimizer and threads; for `replan`. */
  readonly overheads?: Partial<Overheads>;
}

/** What `startRealtimeScheduledLearner` is told. */
export interface RealtimeScheduledLearnerOptions extends WallClockOptions {
  /** Its overheads: `executorCount` = threads, `arrivalSlots` = `arrivalSlots(threads)`. */
  readonly plan: SchedulePlan;
}

/** What `startRealtimeOneStageLearner` is told. */
export interface RealtimeOneStageLearnerOptions extends WallClockOptions {
  readonly admission: Admission;
}

/** A learner on threads and the wall clock. */
export interface WallClockLearner {
  /**
   * Brings the next item when its time has come; it is copied, predicted, and learned or dropped.
   * Where labels come late, `learned` is the item whose labels come with this one, or null while
   * there are none; by default the item itself. One call at a time: its promise comes first.
   * @throws InputError where an input is not finite, a label is no class, or a size or type is
   * wrong: such an item does not count, and the learner goes on. Error that names thread, item and
   * stage where a thread has failed. After this and any other error of the algorithm or of
   * `onPrediction` the threads have been stopped, and the learner answers no more.
   */
  observe(item: Batch, learned?: Batch | null): Promise<void>;
  /**
   * Lets every admitted item finish and stops the threads. The nth of the late gradients that no
   * later item answers counts as 1 / n of it, stage by stage, so that they do not carry the model
   * away.
   */
  finish(): Promise<void>;
  /**
   * After `finish`: samples that the newest weights get right.
   * @param predicted where the class predicted of each sample is written, size elements.
   */
  evaluate(item: Batch, predicted?: Int32Array): number;
  /**
   * After `finish`: size x classes logits, or the scores of an algorithm that has a prediction of its
   * own, in a buffer that the next call overwrites.
   */
  predict(item: Batch): Float32Array;
  /** A copy of the newest parameters, layer by layer; of the same moment only after `finish`. */
  parameters(): Float32Array;
  /**
   * Actions of the first items under the present plan, in the order in which they ended; ms from
   * the start.
   */
  actions(): TimedAction[];
  /** Figures of the run so far. */
  metrics(): RealtimeMetrics;
  /**
   * Stops the threads, whatever they are at, and gives buffers back; the learner answers no more. To
   * be called in a `finally`: where the caller's own code has thrown, nothing else stops them. (Where
   * it is forgotten the process still ends, for the threads alone do not keep it alive.) May be
   * called at any time and more than once; it throws nothing.
   */
  dispose(): Promise<void>;
}

/** Ferret on the wall clock. */
export interface RealtimeLearner extends WallClockLearner {
  /**
   * Goes on under another budget, arrival interval or overheads: every item that was taken in
   * finishes, then the model is cut anew and new threads go on. The parameters stay as they are to
   * the bit; items that are due meanwhile come late. What compensator and optimizer keep begins
   * anew.
   * @throws InputError where no plan fits; the old one goes on then.
   */
  replan(change: PlanChange): Promise<void>;
  /** The switches so far, the oldest first; pauses on the wall clock. */
  switches(): readonly PlanSwitch[];
}

/** A fixed schedule on the wall clock. */
export interface RealtimeScheduledLearner extends WallClockLearner {
  /** By stage: the most micro-batches whose activations were held at once. */
  activations(): number[];
}

export interface RealtimeMetrics extends LearnerMetrics {
  /** The most that an item came later than its time, because predictions lagged; milliseconds. */
  readonly mostLate: number;
  /**
   * Predictions, forward and backward passes that the threads have done under the present plan, and
   * the mean microseconds that one took: the math, and what it cost to choose it, begin it and end it.
   */
  readonly effort: {
    readonly actions: number;
    readonly mathTime: number;
    readonly schedulingTime: number;
  };
}
