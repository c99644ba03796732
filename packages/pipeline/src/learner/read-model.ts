import { existsSync } from "node:fs";
import { expected, InputError } from "../errors.js";
import { loadModel } from "../model/files/load-model.js";
import { arrangeParameters } from "../model/files/parameters.js";
import { loadSafetensors } from "../model/files/safetensors.js";
import { isRecord } from "../model/read.js";
import { type Model, parseModel } from "../model/spec.js";
import { builtInModels } from "../models/registry.js";
import type { LayerSpecification, LearnerOptions } from "./contract.js";

/** A model, and what its parameters are where they are not drawn. */
export interface ModelToLearn {
  readonly model: Model;
  readonly parameters?: Float32Array | undefined;
}

type ModelOptions = Pick<LearnerOptions, "model" | "classes" | "inputShape" | "weights" | "seed">;

/**
 * The model of `createLearner`, in whatever form it was given.
 * @throws InputError if it is not a model, or does not have the requested shape or classes.
 */
export function readModel(options: ModelOptions): ModelToLearn {
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

function find({ model, classes, inputShape, weights, seed = 0 }: ModelOptions): ModelToLearn {
  const parameters = weights === undefined ? "drawn" : "given";
  if (model === undefined || model === null)
    throw expected("a model, by name or as layers,", "model", model);
  if (typeof model === "string") {
    if (Object.hasOwn(builtInModels, model)) return { model: buildIn(model, inputShape, classes) };
    if (existsSync(model)) return loadModel(model, { parameters, seed });
    throw expected(
      `one of ${Object.keys(builtInModels).join(", ")}, or a file or folder that is there,`,
      "model",
      model,
    );
  }
  if (Array.isArray(model)) {
    const layers = withInputShape(model as LayerSpecification[], inputShape);
    return {
      model: parseModel({ class_name: "Sequential", config: { layers } }, { parameters, seed }),
    };
  }
  if (isRecord(model) && Array.isArray(model.layers) && "parameterCount" in model)
    return { model: model as unknown as Model };
  return { model: parseModel(model, { parameters, seed }) };
}

function buildIn(name: string, inputShape: unknown, classes: unknown): Model {
  const build = builtInModels[name];
  const remedy = `the built-in model "${name}" is made for it`;
  if (!Array.isArray(inputShape))
    throw expected("the shape of a sample, such as [28, 28, 1],", "inputShape", inputShape, remedy);
  if (!Number.isInteger(classes) || (classes as number) < 2)
    throw expected("a whole number of at least 2", "classes", classes, remedy);
  return parseModel(build?.(inputShape, classes as number));
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

function checkFits(model: Model, { classes, inputShape }: ModelOptions): void {
  if (model.classes < 2)
    throw new InputError(
      `Expected a model of two classes or more but "${model.name}" ends with ${model.classes} ` +
        "unit; give its last layer one unit per class",
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
