import {
  type AlgorithmChoice,
  learningOf as costLearning,
  fastestInterval,
  Ledger,
  loadAlgorithm,
  predictionTime,
  shapeOf,
} from "@ferret-ocl/pipeline/engine";
import type { Profile } from "@ferret-ocl/planner";
import type { PixelStatistics } from "./datasets/contract.js";
import type { StreamLearner } from "./learners/contract.js";
import { labelDelayBytes } from "./learners/label-delay.js";
import { expectRoom } from "./limits.js";
import type { Learning, MethodRequest, Prepared } from "./methods/contract.js";
import { methodNamed } from "./methods/registry.js";
import { optimizerOf } from "./optimizer.js";
import { loadProfile } from "./prepare.js";
import type { RunSetting } from "./setting.js";

/** A learner that is ready to run, with what was planned for it. */
export interface Assembly extends Omit<Prepared, "start"> {
  readonly learner: StreamLearner;
  /** Name of the algorithm. */
  readonly algorithm: string;
  /** Of one item learned at a time. */
  readonly profile: Profile;
  /** Milliseconds; where the stream is as fast as it can be taken, what the plan was made for. */
  readonly arrivalInterval: number;
}

export interface AssemblyOptions extends Omit<MethodRequest, "arrivalInterval" | "learning"> {
  /** Where the inputs were bytes: how they were scaled. */
  readonly pixels: PixelStatistics | undefined;
}

/** Puts one run together: algorithm, profile, ledger, and the learner of the setting's method. */
export async function assemble(options: AssemblyOptions): Promise<Assembly> {
  const { start, ...promised } = await promise(options);
  expectRoom(
    promised.planned.total,
    "the run",
    "ask for a smaller batch, fewer stages or less to keep, or give --memory-budget",
  );
  // The ledger opens when it is clear what the run may use.
  const learner = await start(new Ledger(promised.budget));
  return { ...promised, learner };
}

/** What a run would be, and what memory it would take; nothing is allocated. */
export async function promise(
  options: AssemblyOptions,
): Promise<Omit<Assembly, "learner"> & Pick<Prepared, "start">> {
  const { setting } = options;
  const choice = await loadAlgorithm(setting.algorithm);
  const learning = (itemsAtOnce: number) => learningOf(choice, itemsAtOnce, options);
  const { needs, profile } = learning(1);
  const arrivalInterval = intervalOf(setting, profile);
  const prepared = methodNamed(setting.method).prepare({ ...options, arrivalInterval, learning });
  return { ...prepared, algorithm: needs.name, profile, arrivalInterval };
}

/** Milliseconds between items to plan for; without a pace, what the threads can take. */
function intervalOf({ arrival, pressure, threads }: RunSetting, profile: Profile): number {
  if (arrival === "max") return fastestInterval(profile, threads);
  return arrival ?? profile.sequentialTime / pressure;
}

/** The algorithm if it is given that many items as one, and what that costs. */
function learningOf(
  choice: AlgorithmChoice,
  itemsAtOnce: number,
  { setting, model, machinery, pixels }: AssemblyOptions,
): Learning {
  const { runtime, kernels } = machinery;
  const { seed, learningRate, algorithmOptions, batch, labelDelay } = setting;
  const settings = { seed, learningRate, pixels: pixels ?? false, ...algorithmOptions };
  const costs = (items: number, learnBatchOfOne?: number) =>
    costLearning({
      algorithm: choice,
      settings,
      model,
      runtime,
      batch: items * batch,
      optimiserVectors: optimizerOf(setting, kernels).vectors,
      profileFor: (learnBatch) =>
        loadProfile(setting, model, machinery, learnBatch, learnBatchOfOne),
      onBytes: (bytes) =>
        expectRoom(bytes, "what the algorithm keeps", "ask for less in --algorithm-options"),
    });
  const { needs, bare, profile, overheads, create } =
    itemsAtOnce === 1 ? costs(1) : costs(itemsAtOnce, costs(1).needs.learnBatch);
  const delayed = labelDelayBytes({ ...shapeOf(model, batch), delay: labelDelay });
  return {
    needs,
    predictionTime: predictionTime(bare),
    profile,
    overheads: { ...overheads, algorithmBytes: overheads.algorithmBytes + delayed },
    create,
    reference: choice.reference,
    options: settings,
  };
}
