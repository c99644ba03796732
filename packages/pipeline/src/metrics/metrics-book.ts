import type { Executor } from "../execute/executor.js";
import type { Ledger, MemoryUse } from "../memory/ledger.js";
import type { Collapse } from "./collapse-watch.js";
import type { DurationHistogram } from "./duration-histogram.js";
import type { RegressionScores } from "./regression-metrics.js";
import type { Scores } from "./scores.js";

/** What a learner has done so far. */
export interface LearnerMetrics {
  readonly items: number;
  /** Items taken in; the rest were dropped. */
  readonly admitted: number;
  readonly dropped: number;
  /** By stage: gradients applied, by staleness. */
  readonly staleness: readonly (readonly number[])[];
  /** By stage: updates made from them, each a new version of its weights. */
  readonly updates: readonly number[];
  /** Updates that waited for a free weight version. */
  readonly deferredUpdates: number;
  /** Gradients that diverged, so that compensation was suspended: a warning. */
  readonly compensationFaults: number;
  /**
   * By stage: gradients that were not finite, or above 1e18, and so made no update. Should be 0;
   * otherwise the learning rate is too high, inputs are not scaled, or weights were too large.
   */
  readonly refusedUpdates: readonly number[];
  /** Null, or when the learner was seen to predict one class only; see `Collapse`. */
  readonly collapse: Collapse | null;
  /** In regression: errors of all predictions that were made before their items were learned. */
  readonly regression?: RegressionScores;
  /** Milliseconds from an item's arrival to its last update. */
  readonly latency: { p50: number; p90: number; p99: number; max: number };
  /** The most that was held at once since the start. */
  readonly memory: MemoryUse;
  /** What is held now. */
  readonly memoryHeld: MemoryUse;
  /** By stage of the present plan: the most weight versions alive at once, and the slots set aside. */
  readonly versions: readonly { mostHeld: number; slots: number }[];
}

/** What a clock counts, whatever executors come and go. */
interface Counts {
  readonly items: number;
  readonly admitted: number;
  readonly dropped: number;
  readonly scores: Scores;
}

/** What the executors of a run have counted. */
export interface BookedCounts {
  readonly staleness: readonly (readonly number[])[];
  readonly updates: readonly number[];
  readonly refused: readonly number[];
  readonly deferred: number;
  readonly faults: number;
}

/** Keeps what executors have counted when another one takes over. */
export class MetricsBook {
  #staleness: number[][] = [];
  #deferred = 0;
  #faults = 0;
  #refused: number[] = [];
  #updates: number[] = [];

  /** Takes over the counts of an executor that is done. */
  close(executor: Executor): void {
    this.#staleness = this.#withStaleness(executor);
    this.#deferred += deferredUpdates(executor);
    this.#faults += compensationFaults(executor);
    this.#refused = this.#withRefused(executor);
    this.#updates = this.#withUpdates(executor);
  }

  /** All counts so far, those of the present executor among them. */
  counts(executor: Executor): BookedCounts {
    return {
      staleness: this.#withStaleness(executor),
      updates: this.#withUpdates(executor),
      refused: this.#withRefused(executor),
      deferred: this.#deferred + deferredUpdates(executor),
      faults: this.#faults + compensationFaults(executor),
    };
  }

  /**
   * Goes on from what `counts` gave.
   * @param executor that has done nothing yet, but may keep faults of the compensator it goes on with.
   */
  restore(counts: BookedCounts, executor: Executor): void {
    this.#staleness = counts.staleness.map((stage) => [...stage]);
    this.#updates = [...counts.updates];
    this.#refused = [...counts.refused];
    this.#deferred = counts.deferred;
    this.#faults = counts.faults - compensationFaults(executor);
  }

  describe(
    executor: Executor,
    clock: Counts,
    latency: DurationHistogram,
    ledger: Ledger,
  ): LearnerMetrics {
    const { items, admitted, dropped } = clock;
    return {
      items,
      admitted,
      dropped,
      staleness: this.#withStaleness(executor),
      updates: this.#withUpdates(executor),
      deferredUpdates: this.#deferred + deferredUpdates(executor),
      compensationFaults: this.#faults + compensationFaults(executor),
      refusedUpdates: this.#withRefused(executor),
      collapse: clock.scores.watch.collapse,
      ...(clock.scores.regression && { regression: clock.scores.regression.scores }),
      latency: {
        p50: latency.percentile(0.5) / 1e6,
        p90: latency.percentile(0.9) / 1e6,
        p99: latency.percentile(0.99) / 1e6,
        max: latency.largest / 1e6,
      },
      memory: ledger.peak,
      memoryHeld: ledger.held,
      versions: executor.updates.map(({ versions }, stage) => ({
        mostHeld: versions.mostHeld,
        slots: executor.buffers.slots.versions[stage] as number,
      })),
    };
  }

  #withRefused({ refusedUpdates }: Executor): number[] {
    return sumByStage(this.#refused, refusedUpdates);
  }

  #withUpdates({ updates }: Executor): number[] {
    const now = updates.map(({ versions }) => versions.version);
    return sumByStage(this.#updates, now);
  }

  #withStaleness(executor: Executor): number[][] {
    const now = executor.updates.map(({ staleness }) => staleness);
    const stages = Math.max(now.length, this.#staleness.length);
    return Array.from({ length: stages }, (_, stage) => {
      const [before, after] = [this.#staleness[stage] ?? [], now[stage] ?? []];
      const length = Math.max(before.length, after.length);
      return Array.from({ length }, (_, value) => (before[value] ?? 0) + (after[value] ?? 0));
    });
  }
}

/** Of plans with other numbers of stages, those that there are. */
function sumByStage(before: readonly number[], now: readonly number[]): number[] {
  const stages = Math.max(before.length, now.length);
  return Array.from({ length: stages }, (_, stage) => (before[stage] ?? 0) + (now[stage] ?? 0));
}

function deferredUpdates(executor: Executor): number {
  return executor.updates.reduce((sum, { deferred }) => sum + deferred, 0);
}

function compensationFaults(executor: Executor): number {
  return executor.updates.reduce((sum, { faults }) => sum + faults, 0);
}
