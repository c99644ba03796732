import { availableParallelism } from "node:os";
import type { Plan, Profile } from "@ferret-ocl/planner";
import type { Batch } from "./engine/algorithm.js";
import { RealtimeEngine } from "./engine/realtime/engine.js";
import type { PartReference } from "./engine/realtime/part.js";
import { expected } from "./errors.js";
import { describeMetrics, type LearnerMetrics } from "./learner.js";
import type { Ledger } from "./memory/ledger.js";
import type { Model } from "./model/spec.js";
import type { RuntimeChoice } from "./runtime/load.js";
import type { TimedAction } from "./schedule/action.js";

export interface RealtimeLearnerOptions {
  readonly model: Model;
  /** The profile that the plan was made from. */
  readonly profile: Profile;
  /** Its overheads: `executorCount` = threads, `arrivalSlots` = `arrivalSlots(threads)`. */
  readonly plan: Plan;
  /** Threads that compute; this thread brings the items. Each loads the runtime for itself. */
  readonly threads: number;
  readonly runtime: RuntimeChoice;
  /** Holds the memory budget, the algorithm's buffers included. */
  readonly ledger: Ledger;
  /**
   * What makes the learning algorithm, in every thread: called with `arguments`, then the shape
   * `{ batch, inputLength, classes }` and `{ ...algorithmOptions, allocate }`. `compose` is only
   * called in this thread, `loss` and `regularise` in the others: what they share must lie in
   * memory from `allocate`.
   */
  readonly algorithm: PartReference;
  readonly algorithmOptions?: Readonly<Record<string, unknown>>;
  /** What makes the compensator: called with `arguments`, then the vector kernels. */
  readonly compensator: PartReference;
  readonly learningRate: number;
  /** Seed of the initial parameters. */
  readonly seed: number;
  /** Milliseconds between items; null: as fast as they can be taken, without a drop. */
  readonly arrivalInterval: number | null;
  /** Called in the order of arrival, with the number of samples predicted right. */
  readonly onPrediction: (item: number, correct: number) => void;
  /** Items whose actions are recorded; default none. */
  readonly tracedItems?: number;
}

/** Ferret on the wall clock. */
export interface RealtimeLearner {
  /**
   * Brings the next item when its time has come; it is copied, predicted, and learned or dropped.
   * @throws Error that names thread, item and stage where a thread has failed.
   */
  observe(item: Batch): Promise<void>;
  /** Lets every admitted item finish and stops the threads. */
  finish(): Promise<void>;
  /** After `finish`: samples that the newest weights get right. */
  evaluate(item: Batch): number;
  /** After `finish`: size x classes logits, in a buffer that the next call overwrites. */
  predict(item: Batch): Float32Array;
  /** After `finish`: a copy of the newest parameters, layer by layer. */
  parameters(): Float32Array;
  /** Actions of the first items, in the order in which they ended; ms from the start. */
  actions(): TimedAction[];
  metrics(): RealtimeMetrics;
  dispose(): void;
}

export interface RealtimeMetrics extends LearnerMetrics {
  /** The most that an item came later than its time, because predictions lagged; milliseconds. */
  readonly mostLate: number;
  /**
   * Predictions, forward and backward passes that the threads have done, and the mean microseconds
   * that one took: the math, and what it cost to choose it, begin it and end it.
   */
  readonly effort: {
    readonly actions: number;
    readonly mathTime: number;
    readonly schedulingTime: number;
  };
}

/** Items that may wait for their prediction, for the plan's overheads: two a thread. */
export function arrivalSlots(threads: number): number {
  return 2 * threads;
}

/** Turns that a thread spins before it sleeps: some microseconds, less than a sleep costs. */
const spinTurns = 4000;

/**
 * Starts a learner on worker threads and the wall clock: the schedules, executor and weight
 * versions of the virtual engine, with the machine's own durations.
 *
 * @throws InputError where the plan's buffers do not fit the ledger's budget, a part cannot be
 * made, or an option is out of its range.
 */
export async function startRealtimeLearner(
  options: RealtimeLearnerOptions,
): Promise<RealtimeLearner> {
  const { model, profile, plan, ledger, threads, arrivalInterval } = options;
  if (!Number.isInteger(threads) || threads < 1)
    throw expected("positive integer", "threads", threads);
  if (arrivalInterval !== null && !(arrivalInterval > 0 && Number.isFinite(arrivalInterval)))
    throw expected("positive number of milliseconds or null", "arrivalInterval", arrivalInterval);
  const runtime = forThreads(options.runtime);
  const engine = await RealtimeEngine.start({
    ledger,
    arrivalInterval,
    onPrediction: options.onPrediction,
    description: {
      model,
      partition: plan.partition,
      workers: plan.workers,
      batch: profile.batch,
      learningRate: options.learningRate,
      seed: options.seed,
      runtime,
      algorithm: options.algorithm,
      algorithmOptions: options.algorithmOptions ?? {},
      compensator: options.compensator,
      threadCount: threads,
      spins: threads <= availableParallelism() ? spinTurns : 0,
      arrivalSlots: arrivalSlots(threads),
      tracedItems: options.tracedItems ?? 0,
    },
  });
  const { executor, latency } = engine.run;
  return {
    observe: (item) => engine.observe(item),
    finish: () => engine.finish(),
    evaluate: (item) => executor.predict(item),
    predict: (item) => executor.logits(item),
    parameters: () => executor.parameters(),
    actions: () => engine.actions(),
    metrics: () => ({
      ...describeMetrics(executor, engine, latency, ledger),
      mostLate: engine.mostLate,
      effort: engine.effort,
    }),
    dispose: () => executor.dispose(),
  };
}

/** Backends of tfjs that several threads of a process may load. */
const threadBackends = ["wasm", "cpu"] as const;

function forThreads(choice: RuntimeChoice): RuntimeChoice {
  if (choice.name === "native") return choice;
  const backends = choice.backends ?? threadBackends;
  const wrong = backends.find((name) => !threadBackends.some((known) => known === name));
  if (wrong)
    throw expected(`${threadBackends.join(" or ")}, which threads can share,`, "backends", wrong);
  return { name: "tfjs", backends };
}
