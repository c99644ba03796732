import { isDeepStrictEqual } from "node:util";
import type { LearnerOptions, Model, RegressorOptions } from "@ferret-ocl/pipeline";
import { parseModel } from "@ferret-ocl/pipeline";
import { type Recipe, readCheckpoint, readModel } from "@ferret-ocl/pipeline/engine";
import { InputError } from "./errors.js";

type Options = LearnerOptions | RegressorOptions;

/** What a checkpoint tells before its learner is opened. */
export interface SavedService {
  readonly model: Model;
  readonly attachment: unknown;
}

/**
 * Reads the checkpoint in a folder, for a learner of these options to go on from.
 * @throws InputError where an option is another one than it was created with and cannot change any more;
 *   names it.
 */
export function readSaved(folder: string, options: Options): SavedService {
  const { content } = readCheckpoint(folder, () => {});
  const { settings, attachment } = (content ?? {}) as {
    readonly settings?: Recipe;
    readonly attachment?: unknown;
  };
  if (!settings?.model)
    throw new InputError(
      `Expected a checkpoint of a learner in ${folder} but it is one of something else; name another folder`,
    );
  const { loss, seed } = settings;
  const model = parseModel(settings.model, { parameters: "given", seed, loss });
  const refuse = (name: string, saved: string, given: unknown): never => {
    throw new InputError(
      `Expected ${saved} for ${name}, as the learner in ${folder} has it, but received ${shown(given)}; ` +
        "leave it out, or begin anew in another folder",
    );
  };
  const isValues = loss === "meanSquaredError";
  const same: readonly (readonly [name: string, saved: unknown, given: unknown])[] = [
    ["loss", loss ?? "sparseCategoricalCrossentropy", options.loss],
    ["classes", isValues ? null : model.classes, options.classes],
    ["outputs", isValues ? model.classes : null, options.outputs],
    ["inputShape", model.inputShape, options.inputShape],
    ["batch", settings.batch, options.batch],
    ["algorithm", nameOf(settings.algorithm), algorithmOf(options.algorithm)],
    ["algorithmOptions", settings.algorithmOptions ?? {}, options.algorithmOptions],
    ["optimizer", settings.optimizer, options.optimizer],
    ["optimizerOptions", settings.optimizerOptions, options.optimizerOptions],
    ["learningRate", settings.learningRate, options.learningRate],
    ["seed", seed, options.seed],
  ];
  for (const [name, saved, given] of same)
    if (given !== undefined && !isDeepStrictEqual(plain(saved), plain(given)))
      refuse(name, shown(saved), given);
  if (options.model !== undefined) {
    const { inputShape, classes } = model;
    const last = isValues ? { loss, outputs: classes } : { classes };
    const asked = { model: options.model, inputShape, seed, ...last } as Options;
    // Initial weights have been, whatever they were.
    if (!isDeepStrictEqual(plain(readModel(asked).model.specification), plain(settings.model)))
      refuse("model", `the layers of "${model.name}"`, nameOfModel(options.model));
  }
  return { model, attachment };
}

/** As a file gives it back. */
const plain = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value));

const shown = (value: unknown) => JSON.stringify(value);

const nameOf = (algorithm: Recipe["algorithm"]) =>
  "name" in algorithm ? algorithm.name : algorithm.module;

const algorithmOf = (given: Options["algorithm"]) =>
  typeof given === "object" ? `${given.module}#${given.export}` : given;

const nameOfModel = (model: Options["model"]) =>
  typeof model === "string" ? model : "other layers";
