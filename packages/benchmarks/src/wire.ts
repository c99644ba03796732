import { createCompensator, referenceKernels, type VectorKernels } from "@ferret-ocl/compensation";
import { loadKernels } from "@ferret-ocl/kernels-cuda";
import { createAlgorithm } from "@ferret-ocl/ocl-algorithms";
import {
  createLearner,
  Ledger,
  loadNativeRuntime,
  loadTfjsRuntime,
  type Model,
  parseModel,
  profileModel,
  type Runtime,
  type TimedAction,
} from "@ferret-ocl/pipeline";
import {
  type MemoryPrediction,
  type Overheads,
  type Plan,
  type Profile,
  paperMemory,
  parseProfile,
  predictMemory,
} from "@ferret-ocl/planner";
import { planUnder } from "./budget.js";
import { parseName, type RunSetting } from "./config.js";
import type { LabelledData } from "./datasets/contract.js";
import { machineName } from "./environment.js";
import { InputError } from "./errors.js";
import { readParsed } from "./files.js";
import type { StreamLearner } from "./learners/contract.js";
import { createOneSkip } from "./learners/one-skip.js";
import { createOracle } from "./learners/oracle.js";
import { sequentialPartition, sequentialWorkers } from "./learners/sequential.js";
import { models } from "./models/registry.js";

/** Where the math runs: vector kernels and stage programs, and what people should know of them. */
export interface Machinery {
  readonly kernels: VectorKernels;
  readonly kernelsName: string;
  readonly runtime: Runtime;
  /** One line each: what could not be used, and the remedy. */
  readonly notices: readonly string[];
}

/** The fastest runtime and kernels that load here; without the native ones, tfjs. */
export async function loadMachinery(): Promise<Machinery> {
  const { kernels, report } = loadKernels();
  const notices: string[] = [];
  let runtime: Runtime;
  try {
    runtime = await loadNativeRuntime();
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "FERRET_INPUT")
      throw error;
    notices.push(error.message);
    runtime = await loadTfjsRuntime();
    notices.push(`Going on with ${runtime.description}.`);
  }
  return {
    kernels: report.chosen === "reference" ? referenceKernels : kernels,
    kernelsName: report.chosen,
    runtime,
    notices,
  };
}

/** A built-in model by name or a Keras specification by path, bound to the data it will see. */
export function loadModel(nameOrPath: string, data: LabelledData): Model {
  if (!nameOrPath.endsWith(".json")) {
    const name = parseName(nameOrPath, "--model", Object.keys(models));
    return parseModel(models[name]?.(data.inputShape, data.classes));
  }
  const model = readParsed(nameOrPath, "a Keras model", parseModel);
  if (`${model.inputShape}` !== `${data.inputShape}` || model.classes < data.classes)
    throw new InputError(
      `Expected a model from [${data.inputShape}] to ${data.classes} classes in ${nameOrPath} but ` +
        `it goes from [${model.inputShape}] to ${model.classes}; adapt its first and last layer`,
    );
  return model;
}

/** The profile that a run plans with: from operation counts, from this machine, or from a file. */
function loadProfile(
  { timing, batch }: Pick<RunSetting, "timing" | "batch">,
  model: Model,
  runtime: Runtime,
  learnBatch: number,
): Profile {
  if (typeof timing === "string")
    return profileModel({
      model,
      runtime,
      batch,
      learnBatch,
      timing,
      ...(timing === "measured" ? { machine: machineName() } : {}),
    });
  const profile = readParsed(timing.profile, "a profile", parseProfile);
  // Times may come from anywhere; bytes must be those of the runtime that runs.
  const here = profileModel({ model, runtime, batch, learnBatch, timing: "model" });
  if (
    profile.layers.length !== here.layers.length ||
    profile.batch !== batch ||
    profile.learnBatch !== learnBatch
  )
    throw new InputError(
      `Expected a profile of ${here.layers.length} layers at batch ${batch} (learning ${learnBatch}) in ` +
        `${timing.profile} but it has ${profile.layers.length} at ${profile.batch} (${profile.learnBatch}); ` +
        "write one with ferret profile for this model, batch and algorithm",
    );
  return {
    ...here,
    timing: profile.timing,
    sequentialTime: profile.sequentialTime,
    layers: here.layers.map((layer, index) => ({
      ...layer,
      forwardTime: profile.layers[index]?.forwardTime as number,
      backwardTime: profile.layers[index]?.backwardTime as number,
    })),
  };
}

/** A learner that is ready to run, with what was planned for it. */
export interface Assembly {
  readonly learner: StreamLearner;
  readonly plan: Plan | null;
  /** Of the compensator in use. */
  readonly compensation: string;
  readonly profile: Profile;
  readonly arrivalInterval: number;
  /** Bytes that the run may use; null for no limit. */
  readonly budget: number | null;
  readonly planned: MemoryPrediction;
  /** Eq. 4 of the paper, bytes. */
  readonly paperMemory: number;
}

/** Samples that an algorithm learns together at an item batch. */
export function learnBatchOf(algorithm: string, model: Model, batch: number): number {
  const inputLength = model.inputShape.reduce((product, size) => product * size, 1);
  return createAlgorithm(algorithm, { batch, inputLength, classes: model.classes }, { seed: 0 })
    .learnBatch;
}

/** Puts one run together: algorithm, profile, plan, ledger, learner. */
export function assemble(
  setting: RunSetting,
  model: Model,
  machinery: Machinery,
  onAction?: (action: TimedAction) => void,
): Assembly {
  const { runtime, kernels } = machinery;
  const { batch, seed, learningRate, method } = setting;
  const inputLength = model.inputShape.reduce((product, size) => product * size, 1);
  const shape = { batch, inputLength, classes: model.classes };
  // The first instance only says what it will need; the ledger can open when the plan is made.
  const needs = createAlgorithm(setting.algorithm, shape, { seed });
  const chosen = createCompensator(setting.compensation, {}, kernels);
  // A sequential learner's gradients are never stale: it need not pay for their repair.
  const compensation = method === "ferret" ? setting.compensation : "none";
  const compensator = method === "ferret" ? chosen : createCompensator(compensation, {}, kernels);
  const profile = loadProfile(setting, model, runtime, needs.learnBatch);
  const arrivalInterval = setting.arrivalInterval ?? profile.sequentialTime / setting.pressure;
  const overheads: Overheads = {
    executorCount: 1,
    compensationVectors: compensator.stateVectors,
    optimiserVectors: 0,
    replayBytes: needs.memoryBytes.replay,
    algorithmBytes: needs.memoryBytes.algorithm,
    queueLength: method === "ferret" ? 1 : 0,
    arrivalSlots: 0,
  };

  const { plan, budget } =
    method === "ferret"
      ? planUnder(setting.memoryBudget, { profile, arrivalInterval, overheads })
      : { plan: null, budget: null };
  const planned =
    plan?.memory ?? predictMemory(profile, sequentialPartition, sequentialWorkers, overheads);
  const ledger = new Ledger(budget);
  const algorithm = createAlgorithm(setting.algorithm, shape, {
    seed,
    allocate: (category, bytes) => ledger.allocate(category, bytes),
  });
  const common = { model, runtime, ledger, algorithm, compensator, kernels, learningRate, seed };
  const learnTime = profile.layers.reduce(
    (sum, layer) => sum + layer.forwardTime + layer.backwardTime,
    0,
  );
  const learner = plan
    ? createLearner({ ...common, profile, plan, ...(onAction ? { onAction } : {}) })
    : method === "oracle"
      ? createOracle({ ...common, batch })
      : createOneSkip({ ...common, batch, arrivalInterval, learnTime });
  return {
    learner,
    plan,
    compensation,
    profile,
    arrivalInterval,
    budget,
    planned,
    paperMemory: plan?.paperMemory ?? paperMemory(profile, sequentialPartition, sequentialWorkers),
  };
}
