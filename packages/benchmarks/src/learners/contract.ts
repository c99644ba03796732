import type { Batch, LearnerMetrics, PlanSwitch, TimedAction } from "@ferret-ocl/pipeline";
import type { SettingChange } from "../config.js";
import type { ResultRecord } from "../record.js";

/** A learner on a stream, pipelined or sequential, on either clock. */
export interface StreamLearner {
  /** Takes the next item in: it is predicted, which is reported elsewhere, and learned or dropped. */
  observe(item: Batch): void | Promise<void>;
  /** Lets what was taken in finish; only then may it be evaluated. */
  finish(): void | Promise<void>;
  /** Samples that the newest weights get right; learns nothing. */
  evaluate(item: Batch): number;
  /** size x classes logits by the newest weights, in a buffer that the next call overwrites. */
  predict(item: Batch): Float32Array;
  /** A copy of the newest parameters, layer by layer. */
  parameters(): Float32Array;
  /** Actions of the first items in the pipeline; none of a sequential learner. */
  actions(): readonly TimedAction[];
  metrics(): LearnerMetrics;
  /** Plans anew and goes on; only a learner with a plan can. */
  replan?(change: SettingChange): void | Promise<void>;
  switches?(): readonly PlanSwitch[];
  /** What only a learner on threads and the wall clock can tell. */
  realtime?(): NonNullable<ResultRecord["realtime"]>;
  dispose(): void;
}
