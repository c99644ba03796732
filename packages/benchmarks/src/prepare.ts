import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  builtInModels,
  loadModel,
  loadSafetensors,
  type Model,
  parseModel,
  profileModel,
} from "@ferret-ocl/pipeline";
import { arrangeParameters, foreignFormat, withTimes } from "@ferret-ocl/pipeline/engine";
import { type Profile, parseProfile, profileWarnings } from "@ferret-ocl/planner";
import type { LabelledData } from "./datasets/contract.js";
import { profiledMachine } from "./environment.js";
import { InputError } from "./errors.js";
import { readParsed } from "./files.js";
import type { Machinery } from "./machinery.js";
import { parseName } from "./parse.js";
import { compensatorsWith, measuredProfile } from "./profile-cache.js";
import type { RunSetting } from "./setting.js";
import { expectSameModel } from "./told-profile.js";

/** A model, and what its parameters are where they are not drawn. */
export interface PreparedModel {
  readonly model: Model;
  readonly parameters?: Float32Array;
}

/**
 * A built-in model by name, a Keras specification (a JSON file), or a LayersModel that tfjs saved
 * (its folder or model.json), bound to the data it will see.
 * @param options `weights`: a safetensors file with parameters, in Keras or PyTorch names. `seed`: of
 * the run, for what layers draw while they learn (Dropout); default 0.
 */
export function prepareModel(
  nameOrPath: string,
  data: LabelledData,
  { weights, seed = 0 }: { readonly weights?: string | undefined; readonly seed?: number } = {},
): PreparedModel {
  const prepared = readModel(nameOrPath, data, weights === undefined ? "drawn" : "given", seed);
  if (weights === undefined) return prepared;
  const { model } = prepared;
  return { model, parameters: arrangeParameters(model, loadSafetensors(weights)) };
}

function readModel(
  nameOrPath: string,
  data: LabelledData,
  parameters: "drawn" | "given",
  seed: number,
): PreparedModel {
  if (!isPath(nameOrPath)) {
    const name = parseName(nameOrPath, "--model", Object.keys(builtInModels));
    return { model: parseModel(builtInModels[name]?.(data.inputShape, data.classes)) };
  }
  const prepared = loadModel(nameOrPath, { parameters, seed });
  const { model } = prepared;
  if (`${model.inputShape}` !== `${data.inputShape}` || model.classes < data.classes)
    throw new InputError(
      `Expected a model from [${data.inputShape}] to ${data.classes} classes in ${nameOrPath} but ` +
        `it goes from [${model.inputShape}] to ${model.classes}; adapt its first and last layer`,
    );
  return prepared;
}

/** Whether it names a file or a folder, there or not, rather than a built-in model. */
function isPath(nameOrPath: string): boolean {
  if (nameOrPath.endsWith(".json") || foreignFormat(nameOrPath) !== null) return true;
  if (!Object.hasOwn(builtInModels, nameOrPath))
    return /[/\\]/.test(nameOrPath) || existsSync(nameOrPath);
  if (existsSync(join(nameOrPath, "model.json")))
    throw new InputError(
      `Expected one model for --model but ${nameOrPath} is a built-in one and a saved one in this ` +
        `folder; write ./${nameOrPath} for the saved one, or rename it`,
    );
  return false;
}

/**
 * The profile that a run plans with: from operation counts, from this machine, or from a file.
 * @param machinery whose compensators it tells the times of.
 * @param itemLearnBatch samples that are learned of one item alone. A file tells what those take;
 * more of them at once take as much longer as they are more.
 */
export function loadProfile(
  { timing, batch }: Pick<RunSetting, "timing" | "batch">,
  model: Model,
  { runtime, kernels }: Pick<Machinery, "runtime" | "kernels">,
  learnBatch: number,
  itemLearnBatch = learnBatch,
): Profile {
  // Times may come from anywhere; bytes must be those of the runtime that runs.
  const sizes = { model, runtime, batch, learnBatch };
  if (timing === "model")
    return profileModel({ ...sizes, timing, compensators: compensatorsWith(kernels) });
  const here = profileModel({ ...sizes, timing: "model" });
  if (timing === "measured") return withTimes(here, measuredProfile({ ...sizes, kernels }));
  const profile = readProfile(timing.profile);
  const wanted =
    itemLearnBatch === learnBatch
      ? here
      : profileModel({ model, runtime, batch, learnBatch: itemLearnBatch, timing: "model" });
  expectSameModel(profile, wanted, timing.profile);
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
