import type { Plan } from "@ferret-ocl/planner";
import type { LearnerState } from "../checkpoint/learner-state.js";
import type { Batch } from "../execute/algorithm.js";
import type { RecentActions } from "../metrics/action-ring.js";
import type { LearnerMetrics } from "../metrics/metrics-book.js";
import type { PlanSwitch } from "./by-hand/replan.js";

/** What is to be done with an item of up to a batch of samples. */
export interface Wish {
  readonly predicts: boolean;
  readonly learns: boolean;
}

/** A learner's plan at work on one of the clocks; its calls come one after the other. */
export interface Player {
  /**
   * Takes an item that has been checked; it may be changed again when the promise resolves.
   * @returns whether it was taken in to be learned, and its logits, [size, classes].
   */
  take(
    item: Batch,
    wish: Wish,
  ): Promise<{ readonly isLearned: boolean; readonly logits: Promise<Float32Array> | null }>;
  replan(plan: Plan): Promise<void>;
  finish(): Promise<void>;
  switches(): readonly PlanSwitch[];
  /** A copy of all that it is, when what was in flight has finished. */
  save(): Promise<LearnerState>;
  parameters(): Float32Array;
  metrics(): LearnerMetrics;
  recentActions(): RecentActions;
  dispose(): Promise<void>;
}
