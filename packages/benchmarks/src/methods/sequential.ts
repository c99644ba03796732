import { createCompensator } from "@ferret-ocl/compensation";
import {
  Alarm,
  allocateParameters,
  attachModel,
  type Batch,
  CollapseWatch,
  checkInputs,
  checkItem,
  type DurationHistogram,
  Executor,
  type ExecutorOptions,
  type InitialParameters,
  type LearnerMetrics,
  type Ledger,
  SequentialTrainer,
  type WarningListener,
} from "@ferret-ocl/pipeline";
import {
  type MemoryCategory,
  type MemoryPrediction,
  type Profile,
  paperMemory,
  predictMemory,
  type WorkerConfiguration,
} from "@ferret-ocl/planner";
import { lateLabelsOf, withLabelDelay } from "../learners/label-delay.js";
import { type VirtualLearner, virtual } from "../learners/virtual.js";
import { optimizerOf } from "../optimizer.js";
import type { Learning, MethodRequest, Prepared } from "./contract.js";

export interface SequentialOptions
  extends Omit<ExecutorOptions, "partition" | "workers" | "queueLength" | "memory" | "parameters">,
    InitialParameters {
  readonly ledger: Ledger;
  /** Called as `VirtualLearnerOptions` has it. */
  readonly onWarning?: WarningListener | undefined;
}

/** The whole model as one stage, no technique: how a sequential learner holds its memory. */
const sequentialPartition: readonly number[] = [0];
const sequentialWorkers: readonly WorkerConfiguration[] = [
  { recompute: false, accumulate: [1], omit: [0] },
];

/** What the sequential learners share: an executor of one stage, and their counters. */
export class SequentialCore {
  readonly executor: Executor;
  readonly trainer: SequentialTrainer;
  readonly #options: SequentialOptions;
  readonly #watch: CollapseWatch;
  readonly #alarm: Alarm;
  items = 0;
  admitted = 0;

  constructor(options: SequentialOptions) {
    this.#options = options;
    this.executor = new Executor({
      ...options,
      memory: options.ledger,
      parameters: allocateParameters(options.model, options.ledger, options),
      partition: sequentialPartition,
      workers: sequentialWorkers,
      queueLength: 0,
    });
    attachModel(options, (target) => this.executor.readNewest(target));
    this.trainer = new SequentialTrainer(this.executor);
    this.#watch = new CollapseWatch(this.executor.itemShape);
    this.#alarm = new Alarm(options.onWarning);
  }

  /** @throws InputError where the next item is wrong; to be called before time goes on to it. */
  check(item: Batch): void {
    checkItem(item, this.executor.itemShape, this.items);
  }

  /** Predicts the next item, which has been checked; gives the number of samples that are right. */
  arrive(item: Batch, predicted?: Int32Array): number {
    const index = this.items++;
    const correct = this.executor.predict(item, predicted);
    const { onlyClass, isSound } = this.executor;
    this.#watch.add(index, onlyClass, item.labels, isSound);
    this.#alarm.look(this.executor, this.#watch);
    return correct;
  }

  /** Learns what was taken in last. */
  learn(): void {
    this.trainer.learn();
    this.#alarm.look(this.executor, this.#watch);
  }

  evaluate(item: Batch, predicted?: Int32Array): number {
    checkItem(item, this.executor.itemShape, "the item to evaluate");
    return this.executor.predict(item, predicted);
  }

  predict(item: Batch): Float32Array {
    checkInputs(item, this.executor.itemShape, "the item to predict");
    return this.executor.logits(item);
  }

  /** A copy of the newest parameters, layer by layer. */
  parameters(): Float32Array {
    const all = new Float32Array(this.#options.model.parameterCount);
    this.executor.readNewest(all);
    return all;
  }

  /**
   * @param latency from arrival to update: milliseconds where it is the same for every item taken
   * in, else all of them, in nanoseconds.
   */
  metrics(latency: number | DurationHistogram): LearnerMetrics {
    const percentile = (share: number) =>
      typeof latency === "number" ? latency : latency.percentile(share) / 1e6;
    return {
      items: this.items,
      admitted: this.admitted,
      dropped: this.items - this.admitted,
      staleness: this.executor.updates.map(({ staleness }) => staleness),
      deferredUpdates: 0,
      compensationFaults: 0,
      updates: this.executor.updates.map(({ versions }) => versions.version),
      refusedUpdates: this.executor.refusedUpdates,
      collapse: this.#watch.collapse,
      latency: {
        p50: percentile(0.5),
        p90: percentile(0.9),
        p99: percentile(0.99),
        max: typeof latency === "number" ? latency : latency.largest / 1e6,
      },
      memory: this.#options.ledger.peak,
      versions: [{ mostHeld: 1, slots: 1 }],
    };
  }
}

/** Milliseconds that the whole model takes for a batch that is learned, forward and backward. */
export function learnTime({ layers }: Profile): number {
  return layers.reduce((sum, layer) => sum + layer.forwardTime + layer.backwardTime, 0);
}

/**
 * A method that learns with the whole model at once, without a pipeline. Its gradients are never
 * stale, so it does not pay for their repair.
 *
 * @param learning of as many items as it learns at once.
 * @param options.learnsAtOnce whether it has learned an item when `observe` returns.
 * @param options.moreBytes what it holds beside the model and the algorithm, by category.
 */
export function prepareSequential(
  request: MethodRequest,
  learning: Learning,
  create: (options: SequentialOptions) => VirtualLearner,
  {
    learnsAtOnce = false,
    moreBytes = {},
  }: {
    readonly learnsAtOnce?: boolean;
    readonly moreBytes?: Partial<Record<MemoryCategory, number>>;
  } = {},
): Prepared {
  const { setting, model, machinery, initialParameters } = request;
  const { profile, overheads } = learning;
  const { batch, seed, learningRate } = setting;
  const { runtime, kernels } = machinery;
  return {
    plan: null,
    budget: null,
    planned: withBytes(
      predictMemory(profile, sequentialPartition, sequentialWorkers, overheads),
      moreBytes,
    ),
    paperMemory: paperMemory(profile, sequentialPartition, sequentialWorkers),
    compensation: "none",
    start(ledger) {
      const algorithm = learning.create(ledger);
      const compensator = createCompensator("none", {}, kernels);
      const optimizer = optimizerOf(setting, kernels);
      const machine = { model, runtime, ledger, kernels, algorithm, compensator, optimizer };
      const { onWarning } = request;
      const settings = { batch, seed, learningRate, initialParameters, onWarning };
      const learner = create({ ...machine, ...settings });
      const late = lateLabelsOf(request, ledger);
      const delayed = late ? withLabelDelay(learner, late, learnsAtOnce) : learner;
      return virtual(delayed, request);
    },
  };
}

function withBytes(
  { total, byCategory }: MemoryPrediction,
  more: Partial<Record<MemoryCategory, number>>,
): MemoryPrediction {
  const sum = { ...byCategory };
  for (const [category, bytes] of Object.entries(more) as [MemoryCategory, number][])
    sum[category] += bytes;
  return {
    total: total + Object.values(more).reduce((all, bytes) => all + bytes, 0),
    byCategory: sum,
  };
}
