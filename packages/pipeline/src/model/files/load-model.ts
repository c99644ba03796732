import { statSync } from "node:fs";
import { InputError } from "../../errors.js";
import type { Loss } from "../loss.js";
import { isRecord } from "../read.js";
import { type Model, parseModel } from "../spec.js";
import { foreignFormat } from "./foreign.js";
import { readJsonFile } from "./json.js";
import { loadLayersModel } from "./layers-model.js";

/**
 * Reads a model from whatever holds one: the folder of a LayersModel or its `model.json`, with its
 * parameters, or a Keras specification in a JSON file, without any.
 *
 * @param options `parameters`: `given`: those of a specification come from elsewhere, so that any
 *   initialiser will do; default `drawn`.
 * @param options `seed`: seed for Dropout layers that have none of their own; default 0.
 * @param options `loss`: what it is trained for, as in `parseModel`.
 * @throws InputError that names the file and what is wrong with it; for a file of another tool, how
 *   to convert it.
 */
export function loadModel(
  path: string,
  options: {
    readonly parameters?: "drawn" | "given";
    readonly seed?: number;
    readonly loss?: Loss | undefined;
  } = {},
): { model: Model; parameters?: Float32Array } {
  const foreign = foreignFormat(path);
  if (foreign !== null) throw new InputError(`Expected a Keras model but ${foreign}`);
  if (isFolder(path)) return loadLayersModel(path, options);
  const content = readJsonFile(path, "a Keras model");
  if (isRecord(content) && "modelTopology" in content) return loadLayersModel(path, options);
  try {
    return { model: parseModel(content, options) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${error.message} (a Keras model read from ${path})`);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
