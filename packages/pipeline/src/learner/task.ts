import type { Batch } from "../execute/algorithm.js";

/** What is to be learned of samples: their labels or, in regression, their targets. */
export type Truth = Pick<Batch, "labels" | "targets">;

/** What a learner is for: what is handed over with samples, and what it says of them. */
export interface Task<Given, Predicted, Observed> {
  /**
   * Of so many samples; a copy.
   * @throws InputError where it is not what is to be learned of them.
   */
  read(given: Given, count: number): Truth;
  /** @param outputs what the model gives, [n, classes]; it may become part of the prediction. */
  predictionOf(outputs: Float32Array): Predicted;
  observationOf(outputs: Float32Array, truth: Truth, learned: number): Observed;
}
