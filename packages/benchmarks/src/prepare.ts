import { existsSync, statSync } from "node:fs";
import type { AlgorithmShape } from "@ferret-ocl/ocl-algorithms";
import {
  arrangeParameters,
  loadLayersModel,
  loadSafetensors,
  type Model,
  parseModel,
  profileModel,
  type Runtime,
} from "@ferret-ocl/pipeline";
import {
  type LayerProfile,
  type Profile,
  parseProfile,
  profileWarnings,
} from "@ferret-ocl/planner";
import { parseName, type RunSetting } from "./config.js";
import type { LabelledData } from "./datasets/contract.js";
import { profiledMachine } from "./environment.js";
import { InputError } from "./errors.js";
import { readParsed } from "./files.js";
import { models } from "./models/registry.js";
import { measuredProfile } from "./profile-cache.js";

/** A model, and what its parameters are where they are not drawn. */
export interface PreparedModel {
  readonly model: Model;
  readonly parameters?: Float32Array;
}

/**
 * A built-in model by name, a Keras specification (a JSON file), or a LayersModel that tfjs saved
 * (its folder), bound to the data it will see.
 * @param weights a safetensors file with parameters, in Keras or PyTorch names.
 */
export function prepareModel(
  nameOrPath: string,
  data: LabelledData,
  weights?: string,
): PreparedModel {
  const prepared = readModel(nameOrPath, data);
  if (weights === undefined) return prepared;
  const { model } = prepared;
  return { model, parameters: arrangeParameters(model, loadSafetensors(weights)) };
}

function readModel(nameOrPath: string, data: LabelledData): PreparedModel {
  const isFolder = existsSync(nameOrPath) && statSync(nameOrPath).isDirectory();
  if (!isFolder && !nameOrPath.endsWith(".json")) {
    const name = parseName(nameOrPath, "--model", Object.keys(models));
    return { model: parseModel(models[name]?.(data.inputShape, data.classes)) };
  }
  const prepared = isFolder
    ? loadLayersModel(nameOrPath)
    : { model: readParsed(nameOrPath, "a Keras model", parseModel) };
  const { model } = prepared;
  if (`${model.inputShape}` !== `${data.inputShape}` || model.classes < data.classes)
    throw new InputError(
      `Expected a model from [${data.inputShape}] to ${data.classes} classes in ${nameOrPath} but ` +
        `it goes from [${model.inputShape}] to ${model.classes}; adapt its first and last layer`,
    );
  return prepared;
}

/**
 * The profile that a run plans with: from operation counts, from this machine, or from a file.
 * @param itemLearnBatch samples that are learned of one item alone. A file tells what those take;
 * more of them at once take as much longer as they are more.
 */
export function loadProfile(
  { timing, batch }: Pick<RunSetting, "timing" | "batch">,
  model: Model,
  runtime: Runtime,
  learnBatch: number,
  itemLearnBatch = learnBatch,
): Profile {
  // Times may come from anywhere; bytes must be those of the runtime that runs.
  const here = profileModel({ model, runtime, batch, learnBatch, timing: "model" });
  if (timing === "model") return here;
  if (timing === "measured")
    return withTimes(here, measuredProfile({ model, runtime, batch, learnBatch }));
  const profile = readProfile(timing.profile);
  if (
    profile.layers.length !== here.layers.length ||
    profile.batch !== batch ||
    profile.learnBatch !== itemLearnBatch
  )
    throw new InputError(
      `Expected a profile of ${here.layers.length} layers at batch ${batch} (learning ${itemLearnBatch}) in ` +
        `${timing.profile} but it has ${profile.layers.length} at ${profile.batch} (${profile.learnBatch}); ` +
        "write one with ferret profile for this model, batch and algorithm",
    );
  return withTimes(here, profile, learnBatch / itemLearnBatch);
}

function readProfile(path: string): Profile {
  return readParsed(path, "a profile", parseProfile);
}

/** What speaks against the times that a run plans with, one sentence each. */
export function timingNotices({ timing }: Pick<RunSetting, "timing">): string[] {
  // Those of the cost model are no machine's, and those that are measured are this one's.
  if (timing === "model" || timing === "measured") return [];
  return profileWarnings(readProfile(timing.profile), profiledMachine());
}

/**
 * The bytes of one profile; of another, of the same layers, the times, so many times as long, and
 * where it may be cut.
 */
function withTimes(bytes: Profile, times: Profile, factor = 1): Profile {
  return {
    ...bytes,
    timing: times.timing,
    sequentialTime: times.sequentialTime,
    ...(times.machine === undefined ? {} : { machine: times.machine }),
    layers: bytes.layers.map((layer, index) => {
      const timed = times.layers[index] as LayerProfile;
      const time = (field: keyof LayerProfile & `${string}Time`) =>
        timed[field] === undefined ? {} : { [field]: factor * timed[field] };
      const { cuttable, startsStage } = timed;
      return {
        ...layer,
        ...time("forwardTime"),
        ...time("backwardTime"),
        ...time("backwardInputTime"),
        ...time("backwardWeightsTime"),
        ...(cuttable === undefined ? {} : { cuttable }),
        ...(startsStage === undefined ? {} : { startsStage }),
      };
    }),
  };
}

/** What an algorithm must know of the stream and the model. */
export function shapeOf(model: Model, batch: number): AlgorithmShape {
  const inputLength = model.inputShape.reduce((product, size) => product * size, 1);
  return { batch, inputLength, classes: model.classes, parameterCount: model.parameterCount };
}
