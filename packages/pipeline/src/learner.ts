import type { Compensator, VectorKernels } from "@ferret-ocl/compensation";
import type { Plan, Profile } from "@ferret-ocl/planner";
import type { Batch, LearningAlgorithm } from "./engine/algorithm.js";
import { Executor } from "./engine/execute.js";
import type { DurationHistogram } from "./engine/histogram.js";
import { Pipeline } from "./engine/pipeline.js";
import { VirtualEngine } from "./engine/virtual.js";
import { NewCells } from "./memory/cells.js";
import type { Ledger, MemoryUse } from "./memory/ledger.js";
import type { Model } from "./model/spec.js";
import type { Runtime } from "./runtime/contract.js";
import type { TimedAction } from "./schedule/action.js";
import { ferretSchedule } from "./schedule/ferret.js";

export interface LearnerOptions {
  readonly model: Model;
  /** The profile that the plan was made from; its times drive the virtual clock. */
  readonly profile: Profile;
  readonly plan: Plan;
  readonly runtime: Runtime;
  /** Holds the memory budget; the algorithm's own buffers should come from it too. */
  readonly ledger: Ledger;
  readonly algorithm: LearningAlgorithm;
  readonly compensator: Compensator<unknown>;
  readonly kernels: VectorKernels;
  readonly learningRate: number;
  /** Seed of the initial parameters. */
  readonly seed: number;
  readonly onAction?: (action: TimedAction) => void;
}

/** What a learner has done so far. */
export interface LearnerMetrics {
  readonly items: number;
  /** Items taken in; the rest was dropped. */
  readonly admitted: number;
  readonly dropped: number;
  /** By stage: gradients applied, by staleness. */
  readonly staleness: readonly (readonly number[])[];
  /** Updates that waited for a free weight version. */
  readonly deferredUpdates: number;
  /** Milliseconds from an item's arrival to its last update. */
  readonly latency: { p50: number; p90: number; p99: number; max: number };
  readonly memory: MemoryUse;
  /** By stage: the most weight versions alive at once, and the slots that the plan set aside. */
  readonly versions: readonly { mostHeld: number; slots: number }[];
}

/**
 * Ferret on a stream: predicts every item before it learns it, inside the plan's memory.
 *
 * ```ts
 * const learner = createLearner({ model, profile, plan, runtime, ledger, ... });
 * for (const item of stream) correct += learner.observe(item);
 * learner.finish();
 * ```
 */
export interface Learner {
  /** Predicts the item, then admits it or drops it. Gives the number of samples predicted right. */
  observe(item: Batch): number;
  /** Lets every admitted item finish. */
  finish(): void;
  /** Number of samples that the newest weights get right; `item.size` must be the plan's batch. */
  evaluate(item: Batch): number;
  /** size x classes logits by the newest weights, in a buffer that the next call overwrites. */
  predict(item: Batch): Float32Array;
  /** A copy of the newest parameters, layer by layer. */
  parameters(): Float32Array;
  metrics(): LearnerMetrics;
  dispose(): void;
}

/**
 * Sets up a learner on the virtual clock.
 * @throws InputError where the plan's buffers do not fit the ledger's budget.
 */
export function createLearner(options: LearnerOptions): Learner {
  const { profile, plan, ledger } = options;
  const cells = new NewCells();
  const executor = new Executor({
    ...options,
    memory: ledger,
    cells,
    partition: plan.partition,
    workers: plan.workers,
    batch: profile.batch,
  });
  executor.initialise();
  const recompute = plan.workers.map((worker) => worker.recompute);
  const engine = new VirtualEngine({
    executor,
    pipeline: new Pipeline({
      buffers: executor.buffers,
      versions: executor.updates.map(({ versions }) => versions),
      schedule: ferretSchedule,
      recompute,
      cells,
    }),
    stageForwardTimes: stageTimes(profile, plan, "forwardTime"),
    stageBackwardTimes: stageTimes(profile, plan, "backwardTime"),
    recompute,
    arrivalInterval: plan.arrivalInterval,
    onAction: options.onAction,
  });
  return {
    observe: (item) => engine.observe(item),
    finish: () => engine.finish(),
    evaluate: (item) => executor.predict(item),
    predict: (item) => executor.logits(item),
    parameters: () => executor.parameters(),
    metrics: () => describeMetrics(executor, engine, engine.latency, ledger),
    dispose: () => executor.dispose(),
  };
}

/** What an engine and its executor have counted. */
export function describeMetrics(
  executor: Executor,
  { items, admitted, dropped }: { items: number; admitted: number; dropped: number },
  latency: DurationHistogram,
  ledger: Ledger,
): LearnerMetrics {
  return {
    items,
    admitted,
    dropped,
    staleness: executor.updates.map(({ staleness }) => staleness),
    deferredUpdates: executor.updates.reduce((sum, { deferred }) => sum + deferred, 0),
    latency: {
      p50: latency.percentile(0.5) / 1e6,
      p90: latency.percentile(0.9) / 1e6,
      p99: latency.percentile(0.99) / 1e6,
      max: latency.largest / 1e6,
    },
    memory: ledger.peak,
    versions: executor.updates.map(({ versions }, stage) => ({
      mostHeld: versions.mostHeld,
      slots: executor.buffers.slots.versions[stage] as number,
    })),
  };
}

function stageTimes(profile: Profile, plan: Plan, key: "forwardTime" | "backwardTime"): number[] {
  return plan.partition.map((start, stage) =>
    profile.layers
      .slice(start, plan.partition[stage + 1] ?? profile.layers.length)
      .reduce((sum, layer) => sum + layer[key], 0),
  );
}
