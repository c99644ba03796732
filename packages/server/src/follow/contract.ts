import type { Every } from "@ferret-ocl/pipeline/engine";
import type { PredictionSink, Source } from "../sources/contract.js";

/** What is followed, and how. */
export interface FollowOptions {
  /** Where messages come from. */
  readonly sources: readonly Source[];
  /** When checkpoints are written; default every 30 seconds. */
  readonly every?: Every;
  /** Where predictions go. */
  readonly predictions?: PredictionSink;
  /**
   * What happens to a message that cannot be read, or has values that no model takes: it is counted,
   * told and passed over (`pass`, the default), or following ends before it (`stop`).
   */
  readonly badMessages?: "pass" | "stop";
  /** The most messages that are in the learner's hands and not answered; default 16. */
  readonly inFlight?: number;
  /** The most labels that wait for items which come after them; default 1,000. */
  readonly earlyLabels?: number;
  /** Told a sentence that a person should read. */
  readonly onNotice?: (sentence: string) => void;
}

/** What was followed so far, over all restarts. */
export interface FollowCounts {
  /** Messages that were taken in, whatever they were. */
  readonly messages: number;
  /** Samples that came with their label, or got it later. */
  readonly labelled: number;
  /** Samples of these that the learner had no room for. */
  readonly dropped: number;
  /** Samples that were predicted before they were learned, with their label at hand. */
  readonly scored: number;
  /** Samples of these whose prediction was right. */
  readonly correct: number;
  /** Samples that came alone. */
  readonly alone: number;
  /** Messages that were passed over since they cannot be read. */
  readonly bad: number;
  /** Labels whose item never came, or waits no longer. */
  readonly unmatched: number;
  /** Checkpoints that were begun. */
  readonly checkpoints: number;
}

/** A service that follows its sources. */
export interface Following {
  readonly counts: FollowCounts;
  /**
   * When all sources have ended or `stop` was called, and the last checkpoint is on disk.
   * Rejected where a source, the learner or a checkpoint fails; what was taken in before a source
   * failed is in a checkpoint.
   */
  readonly ended: Promise<FollowCounts>;
  /** Takes in no more messages. */
  stop(): void;
}
