import { existsSync } from "node:fs";
import { expected, InputError } from "../errors.js";
import { loadModel } from "../model/files/load-model.js";
import { arrangeParameters } from "../model/files/parameters.js";
import { loadSafetensors } from "../model/files/safetensors.js";
import { checkLoss, isRegression } from "../model/loss.js";
import { isRecord } from "../model/read.js";
import { type Model, type ModelSpecification, parseModel } from "../model/spec.js";
import { builtInModels } from "../models/registry.js";
import type { LayerSpecification, LearnerOptions } from "./contract.js";
import type { RegressorOptions } from "./regressor.js";

/** A model, and what its parameters are where they are not drawn. */
export interface ModelToLearn {
  readonly model: Model;
  readonly parameters?: Float32Array | undefined;
}

type ModelOptions = Pick<
  LearnerOptions | RegressorOptions,
  "model" | "classes" | "outputs" | "loss" | "inputShape" | "weights" | "seed"
>;

/**
 * The model of `createLearner`, in whatever form it was given.
 * @throws InputError if it is not a model, or does not have the requested shape or classes.
 */
export function readModel(options: ModelOptions): ModelToLearn {
  checkPurpose(options);
  const found = find(options);
  checkFits(found.model, options);
  const { weights } = options;
  if (weights === undefined) return found;
  if (typeof weights !== "string") return { model: found.model, parameters: weights };
  return {
    model: found.model,
    parameters: arrangeParameters(found.model, loadSafetensors(weights)),
  };
}

/** @throws InputError where `classes`, `outputs` and `loss` do not go together. */
function checkPurpose({ classes, outputs, loss }: ModelOptions): void {
  checkLoss(loss);
  if (classes !== undefined && outputs !== undefined)
    throw new InputError(
      `Expected classes or outputs but received both, ${classes} and ${outputs}; classes are of ` +
        "classification, outputs of regression",
    );
  const foreign = isRegression({ loss }) ? { classes } : { outputs };
  for (const [name, value] of Object.entries(foreign))
    if (value !== undefined)
      throw expected(
        `nothing with the loss "${loss ?? "sparseCategoricalCrossentropy"}"`,
        name,
        value,
        name === "classes"
          ? "give outputs, or leave the loss out"
          : 'give classes, or the loss "meanSquaredError"',
      );
}

function find({
  model,
  classes,
  outputs,
  loss,
  inputShape,
  weights,
  seed = 0,
}: ModelOptions): ModelToLearn {
  const parameters = weights === undefined ? "drawn" : "given";
  if (model === undefined || model === null)
    throw expected("a model, by name or as layers,", "model", model);
  if (typeof model === "string") {
    if (Object.hasOwn(builtInModels, model)) {
      const specification = buildIn(
        model,
        inputShape,
        isRegression({ loss }) ? { outputs } : { classes },
      );
      return { model: parseModel(specification, { loss }) };
    }
    if (existsSync(model)) return loadModel(model, { parameters, seed, loss });
    throw expected(
      `one of ${Object.keys(builtInModels).join(", ")}, or a file or folder that is there,`,
      "model",
      model,
    );
  }
  if (Array.isArray(model)) {
    const layers = withInputShape(model as LayerSpecification[], inputShape);
    return {
      model: parseModel(
        { class_name: "Sequential", config: { layers } },
        { parameters, seed, loss },
      ),
    };
  }
  if (isRecord(model) && Array.isArray(model.layers) && "parameterCount" in model)
    return { model: parsedFor(model as unknown as Model, loss) };
  return { model: parseModel(model, { parameters, seed, loss }) };
}

/** A model that has been parsed, for a loss. */
function parsedFor(model: Model, loss: ModelOptions["loss"]): Model {
  if (isRegression(model) && !isRegression({ loss }))
    throw expected('"meanSquaredError", which the model was parsed for,', "loss", loss);
  if (isRegression(model) || !isRegression({ loss })) return model;
  // Refuses what is none for regression.
  parseModel(model.specification, { parameters: "given", loss });
  return { ...model, loss: "meanSquaredError" };
}

/** @param last what the last layer has one of a unit of: `classes`, at least 2, or `outputs`. */
function buildIn(
  name: string,
  inputShape: unknown,
  last: { readonly classes: unknown } | { readonly outputs: unknown },
): ModelSpecification {
  const build = builtInModels[name];
  const remedy = `the built-in model "${name}" is made for it`;
  if (!Array.isArray(inputShape))
    throw expected("the shape of a sample, such as [28, 28, 1],", "inputShape", inputShape, remedy);
  const [[option, units] = []] = Object.entries(last);
  const least = option === "classes" ? 2 : 1;
  if (!Number.isInteger(units) || (units as number) < least)
    throw expected(`a whole number of at least ${least}`, `${option}`, units, remedy);
  return build?.(inputShape, units as number) as ModelSpecification;
}

/** Writes the shape of a sample into the first layer, unless the layer states it itself. */
function withInputShape(
  layers: readonly LayerSpecification[],
  inputShape: readonly number[] | undefined,
): readonly LayerSpecification[] {
  const [first, ...rest] = layers;
  if (!first || inputShape === undefined) return layers;
  const { config } = first;
  if ("batch_input_shape" in (config ?? {}) || "batch_shape" in (config ?? {})) return layers;
  return [{ ...first, config: { ...config, batch_input_shape: [null, ...inputShape] } }, ...rest];
}

function checkFits(model: Model, { classes, outputs, inputShape }: ModelOptions): void {
  if (model.classes < 2 && !isRegression(model))
    throw new InputError(
      `Expected a model of two classes or more but "${model.name}" ends with ${model.classes} unit; ` +
        'give its last layer one unit per class, or predict values with the loss "meanSquaredError"',
    );
  if (outputs !== undefined && outputs !== model.classes)
    throw new InputError(
      `Expected a model of ${outputs} outputs but "${model.name}" has ${model.classes}; change its ` +
        "last layer, or leave outputs out",
    );
  if (classes !== undefined && classes !== model.classes)
    throw new InputError(
      `Expected a model of ${classes} classes but "${model.name}" has ${model.classes}; change its ` +
        "last layer, or leave classes out",
    );
  if (inputShape !== undefined && `${inputShape}` !== `${model.inputShape}`)
    throw new InputError(
      `Expected a model of samples [${inputShape}] but "${model.name}" takes ` +
        `[${model.inputShape}]; change its first layer, or leave inputShape out`,
    );
}
