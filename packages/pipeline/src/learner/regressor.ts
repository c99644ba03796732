import type { LearnerMetrics } from "../metrics/metrics-book.js";
import type { RegressionScores } from "../metrics/regression-metrics.js";
import type { CommonLearnerOptions, LearnerOf } from "./contract.js";

/** What a learner of values is told; `outputs` may be left out where the model tells them. */
export interface RegressorOptions extends CommonLearnerOptions {
  /** Mean squared error, over samples and outputs. */
  readonly loss: "meanSquaredError";
  /** Values that are predicted of a sample, for a built-in model; else checked. */
  readonly outputs?: number;
  /** Of classification, see `LearnerOptions`. */
  readonly classes?: undefined;
}

/**
 * Values to be predicted, as float32: a number; of one sample of several outputs an array of them; of
 * several samples an array of either, or all values one sample after the other.
 */
export type Targets = number | NumberArray | readonly (number | NumberArray)[];

type NumberArray = Float32Array | Float64Array | Int32Array | readonly number[];

/** What was predicted of n samples. */
export interface RegressionPrediction {
  /** The first output of the first sample: where there is one of both, all there is. */
  readonly value: number;
  /** [n, outputs] */
  readonly values: Float32Array;
}

/** What was predicted of samples before they were learned. */
export interface RegressionObservation extends RegressionPrediction {
  /** Of these predictions, over samples and outputs. */
  readonly meanSquaredError: number;
  /** Samples that were taken in to be learned; the others were dropped. */
  readonly learned: number;
}

/** What a regressor has done so far. */
export interface RegressorMetrics extends LearnerMetrics {
  readonly regression: RegressionScores;
}

/** A learner of values. */
export type Regressor = LearnerOf<
  Targets,
  RegressionPrediction,
  RegressionObservation,
  RegressorMetrics
>;
