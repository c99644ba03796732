import type { LearnerMetrics, PlanSwitch, RecentActions, TimedAction } from "@ferret-ocl/pipeline";
import type { Batch, LearnerState } from "@ferret-ocl/pipeline/engine";
import type { Plan } from "@ferret-ocl/planner";
import type { ResultRecord } from "../record.js";
import type { SettingChange } from "../setting.js";

/**
 * Called with the prediction of an item: the number of samples predicted correctly, the class
 * predicted for each sample and its label. The arrays are valid until it returns.
 */
export type OnPrediction = (correct: number, predicted: Int32Array, labels: Int32Array) => void;

/** A learner on a stream, pipelined or sequential, on either clock. */
export interface StreamLearner {
  /** Takes the next item in: it is predicted, which is reported elsewhere, and learned or dropped. */
  observe(item: Batch): void | Promise<void>;
  /** Waits until what was taken in has finished; only then may the learner be evaluated. */
  finish(): void | Promise<void>;
  /**
   * Number of samples that the newest weights classify correctly; learns nothing.
   * @param predicted where the class predicted for each sample is written.
   */
  evaluate(item: Batch, predicted?: Int32Array): number;
  /** size x classes logits by the newest weights, in a buffer that the next call overwrites. */
  predict(item: Batch): Float32Array;
  /** A copy of the newest parameters, layer by layer. */
  parameters(): Float32Array;
  /** Actions of the first items in the pipeline; empty for a sequential learner. */
  actions(): readonly TimedAction[];
  metrics(): LearnerMetrics;
  /** The newest actions, from the first call on. */
  recentActions(): RecentActions;
  /** The plan that it learns by now; only of a learner with a plan. */
  plan?(): Plan;
  /** Makes a new plan and continues; only a learner with a plan can. */
  replan?(change: SettingChange): void | Promise<void>;
  switches?(): readonly PlanSwitch[];
  /** A copy of all that it is when what was in flight has finished; only of one that can be saved. */
  save?(): LearnerState | Promise<LearnerState>;
  /** What only a learner on threads can tell. */
  threads?(): NonNullable<ResultRecord["threads"]>;
  /** Releases what it holds and stops its threads, whatever they are doing. */
  dispose(): void | Promise<void>;
}
