import {
  arrivalSlots,
  pipelineSettings,
  type ThreadsScheduledLearnerOptions,
} from "@ferret-ocl/pipeline/engine";
import type { Overheads } from "@ferret-ocl/planner";
import { optimizerArguments } from "../optimizer.js";
import type { RunSetting } from "../setting.js";
import type { Learning, MethodRequest } from "./contract.js";

/** What running on threads needs in addition to the algorithm's own needs. */
export function engineOverheads({ engine, threads }: RunSetting, overheads: Overheads): Overheads {
  const isOnThreads = engine === "threads";
  return {
    ...overheads,
    executorCount: isOnThreads ? threads : 1,
    queueLength: 1,
    arrivalSlots: isOnThreads ? arrivalSlots(threads) : 0,
  };
}

type ThreadsSettings = Omit<ThreadsScheduledLearnerOptions, "plan" | "ledger">;

/**
 * Options of a learner on threads, whatever it runs; parts by name, since threads create their own.
 */
export function threadsSettings(
  request: MethodRequest,
  { reference, options, profile }: Learning,
  compensation: string,
): ThreadsSettings {
  const { setting, model, machinery, arrivalInterval } = request;
  return {
    model,
    profile,
    threads: setting.threads,
    runtime: machinery.choice,
    algorithm: reference,
    algorithmOptions: { ...options },
    compensator: {
      module: import.meta.resolve("@ferret-ocl/compensation"),
      export: "createCompensator",
      arguments: [compensation, pipelineSettings(compensation)],
    },
    optimizer: {
      module: import.meta.resolve("@ferret-ocl/pipeline"),
      export: "createOptimizer",
      arguments: optimizerArguments(setting),
    },
    learningRate: setting.learningRate,
    seed: setting.seed,
    initialParameters: request.initialParameters,
    arrivalInterval: setting.arrival === "max" ? null : arrivalInterval,
    onPrediction: (_, ...prediction) => request.onPrediction(...prediction),
    onWarning: request.onWarning,
    tracedItems: request.tracedItems,
  };
}
