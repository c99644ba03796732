import {
  allocateParameters,
  attachModel,
  Executor,
  type ExecutorOptions,
  type InitialParameters,
  type LearnerMetrics,
  type Ledger,
  SequentialTrainer,
} from "@ferret-ocl/pipeline";
import type { WorkerConfiguration } from "@ferret-ocl/planner";

export interface SequentialOptions
  extends Omit<ExecutorOptions, "partition" | "workers" | "queueLength" | "memory" | "parameters">,
    InitialParameters {
  readonly ledger: Ledger;
}

/** The whole model as one stage, no technique: how a sequential learner holds its memory. */
export const sequentialPartition: readonly number[] = [0];
export const sequentialWorkers: readonly WorkerConfiguration[] = [
  { recompute: false, accumulate: [1], omit: [0] },
];

/** What the sequential learners share: an executor of one stage, and their counters. */
export class SequentialCore {
  readonly executor: Executor;
  readonly trainer: SequentialTrainer;
  readonly #options: SequentialOptions;
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
  }

  /** A copy of the newest parameters, layer by layer. */
  parameters(): Float32Array {
    const all = new Float32Array(this.#options.model.parameterCount);
    this.executor.readNewest(all);
    return all;
  }

  /** @param latency milliseconds from arrival to update, the same for every item taken in. */
  metrics(latency: number): LearnerMetrics {
    return {
      items: this.items,
      admitted: this.admitted,
      dropped: this.items - this.admitted,
      staleness: this.executor.updates.map(({ staleness }) => staleness),
      deferredUpdates: 0,
      compensationFaults: 0,
      latency: { p50: latency, p90: latency, p99: latency, max: latency },
      memory: this.#options.ledger.peak,
      versions: [{ mostHeld: 1, slots: 1 }],
    };
  }
}
