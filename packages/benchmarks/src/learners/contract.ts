import type { Batch, LearnerMetrics } from "@ferret-ocl/pipeline";

/** A learner on a stream, pipelined or sequential; `pipeline`'s Learner is one. */
export interface StreamLearner {
  /** Predicts the item, then takes it in or drops it. Gives the samples predicted right. */
  observe(item: Batch): number;
  /** Lets what was taken in finish. */
  finish(): void;
  /** Samples that the newest weights get right; learns nothing. */
  evaluate(item: Batch): number;
  metrics(): LearnerMetrics;
  dispose(): void;
}
