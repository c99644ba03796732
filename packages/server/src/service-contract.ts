import type { LearnerOptions, RegressorOptions } from "@ferret-ocl/pipeline";

/** How a service keeps its learner, and what it keeps beside it. */
export interface ServiceOptions {
  /**
   * What the learner is. Where `state` holds a checkpoint, that learner goes on: its budget, pace, clock
   * and the rest of `OpenOptions` may differ, other settings are refused if they do, and `weights`, with
   * which it began, are not looked at.
   */
  readonly learner: LearnerOptions | RegressorOptions;
  /** Folder of checkpoints; default: none are written. */
  readonly state?: string;
  /**
   * Bytes of samples that wait for their labels, such as `1MiB`. They are part of `learner.memoryBudget`
   * where that is a size, and come in addition where it is a name. Default 1 MiB, or 16 samples if those
   * take more.
   */
  readonly waitingBytes?: number | string;
  /** How long they wait, such as `90s` or milliseconds; default 10 minutes. */
  readonly waitingTime?: number | string;
  /** Predictions that windowed figures are about; default 1,000. */
  readonly window?: number;
  /**
   * Milliseconds that a sample waits at most, while another prediction is under way, to be predicted
   * together with others; default 2; 0: each call is predicted by itself.
   */
  readonly batchWait?: number;
}

/** A prediction that a label may follow: of a class, or of values. */
export type ServedPrediction = ServedClass | ServedValues;

/** A class that was predicted. */
export interface ServedClass {
  readonly id: string;
  readonly label: number;
  /** [classes] */
  readonly probabilities: Float32Array;
  readonly values?: undefined;
}

/** Values that were predicted. */
export interface ServedValues {
  readonly id: string;
  /** [outputs] */
  readonly values: Float32Array;
  readonly label?: undefined;
  readonly probabilities?: undefined;
}

/** A label, or target values, for a sample that waits. */
export interface LateLabel {
  readonly id: string;
  /** A class; in regression a number, or one for each output. */
  readonly label: number | readonly number[];
}

/** What a service has done since its process began. */
export interface ServiceCounts {
  readonly predicted: number;
  /** Samples of `label` and `learn` that were taken in. */
  readonly learned: number;
  /** Those for which there was no room. */
  readonly dropped: number;
}
