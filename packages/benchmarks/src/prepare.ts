import { createAlgorithm } from "@ferret-ocl/ocl-algorithms";
import { type Model, parseModel, profileModel, type Runtime } from "@ferret-ocl/pipeline";
import { type Profile, parseProfile } from "@ferret-ocl/planner";
import { parseName, type RunSetting } from "./config.js";
import type { LabelledData } from "./datasets/contract.js";
import { InputError } from "./errors.js";
import { readParsed } from "./files.js";
import { models } from "./models/registry.js";
import { measuredProfile } from "./profile-cache.js";

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
export function loadProfile(
  { timing, batch }: Pick<RunSetting, "timing" | "batch">,
  model: Model,
  runtime: Runtime,
  learnBatch: number,
): Profile {
  // Times may come from anywhere; bytes must be those of the runtime that runs.
  const here = profileModel({ model, runtime, batch, learnBatch, timing: "model" });
  if (timing === "model") return here;
  if (timing === "measured")
    return withTimes(here, measuredProfile({ model, runtime, batch, learnBatch }));
  const profile = readParsed(timing.profile, "a profile", parseProfile);
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
  return withTimes(here, profile);
}

/** The bytes of one profile and the times of another, of the same layers. */
function withTimes(bytes: Profile, times: Profile): Profile {
  return {
    ...bytes,
    timing: times.timing,
    sequentialTime: times.sequentialTime,
    ...(times.machine === undefined ? {} : { machine: times.machine }),
    layers: bytes.layers.map((layer, index) => ({
      ...layer,
      forwardTime: times.layers[index]?.forwardTime as number,
      backwardTime: times.layers[index]?.backwardTime as number,
    })),
  };
}

/** Samples that an algorithm learns together at an item batch. */
export function learnBatchOf(algorithm: string, model: Model, batch: number): number {
  const inputLength = model.inputShape.reduce((product, size) => product * size, 1);
  return createAlgorithm(algorithm, { batch, inputLength, classes: model.classes }, { seed: 0 })
    .learnBatch;
}
