import { mkdirSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { expected, InputError } from "../../errors.js";
import { elementName } from "../elements.js";
import { isRecord } from "../read.js";
import { elementCount } from "../shape.js";
import { type Model, type ModelSpecification, parseModel } from "../spec.js";
import type { StoredTensor } from "./floats.js";
import { arrangeParameters, nameParameters } from "./parameters.js";
import { replaceFile } from "./replace.js";

const weightsFile = "weights.bin";

/**
 * Reads a LayersModel that tfjs (or its converter from Keras) saved: `model.json` with topology and
 * weights manifest, and the shards that the manifest lists. Needs no tfjs.
 *
 * @param directory holds `model.json`.
 * @throws InputError that names the file, the layer or the tensor that is wrong.
 */
export function loadLayersModel(directory: string): { model: Model; parameters: Float32Array } {
  const content = readJson(join(directory, "model.json"));
  // Keras' own export wraps the topology once more.
  const topology = isRecord(content.modelTopology) ? content.modelTopology : {};
  const model = parseModel(topology.model_config ?? topology, { parameters: "given" });
  const manifest: unknown = content.weightsManifest;
  if (!Array.isArray(manifest))
    throw expected("list of weight groups", "weightsManifest of model.json", manifest);
  const tensors = new Map<string, StoredTensor>();
  for (const group of manifest) readGroup(directory, group, tensors);
  return { model, parameters: arrangeParameters(model, tensors) };
}

/**
 * Writes a model and its parameters so that `tf.loadLayersModel` takes them: `model.json` and one
 * file of weights. Optimizer state and user metadata are not kept.
 *
 * @param directory is created where it is missing.
 */
export function saveLayersModel(directory: string, model: Model, parameters: Float32Array): void {
  if (parameters.length !== model.parameterCount)
    throw expected(`${model.parameterCount} values`, "parameters", parameters.length);
  mkdirSync(directory, { recursive: true });
  const weights = [...nameParameters(model, parameters)].map(([name, { shape }]) => ({
    name,
    shape,
    dtype: "float32",
  }));
  const { buffer, byteOffset, byteLength } = parameters;
  replaceFile(join(directory, weightsFile), new Uint8Array(buffer, byteOffset, byteLength));
  const content = {
    format: "layers-model",
    generatedBy: "ferret-ocl",
    convertedBy: null,
    modelTopology: withNames(model.specification),
    weightsManifest: [{ paths: [weightsFile], weights }],
  };
  replaceFile(join(directory, "model.json"), JSON.stringify(content));
}

/** tfjs gives a layer without a name one of its own, which no weight would fit. */
function withNames(specification: ModelSpecification): object {
  const { layers } = specification.config;
  const named = layers.map((layer, index) => {
    const name = elementName(layer.class_name, layer.config, index);
    return { ...layer, config: { ...layer.config, name } };
  });
  return { ...specification, config: { ...specification.config, layers: named } };
}

function readGroup(directory: string, group: unknown, tensors: Map<string, StoredTensor>): void {
  if (!isRecord(group) || !Array.isArray(group.paths) || !Array.isArray(group.weights))
    throw expected("{ paths, weights }", "a weight group of model.json", JSON.stringify(group));
  const bytes = Buffer.concat(group.paths.map((path: unknown) => readShard(directory, path)));
  let offset = 0;
  for (const weight of group.weights as unknown[]) {
    const { name, shape } = readWeight(weight);
    const end = offset + 4 * elementCount(shape);
    if (end > bytes.length)
      throw new InputError(
        `Expected ${end} bytes or more in the weight files for tensor ${name} but they have ` +
          `${bytes.length}; get them again`,
      );
    tensors.set(name, { dtype: "F32", shape, bytes: bytes.subarray(offset, end) });
    offset = end;
  }
  if (offset !== bytes.length)
    throw new InputError(
      `Expected ${offset} bytes in the weight files of model.json but they have ${bytes.length}`,
    );
}

function readWeight(weight: unknown): { name: string; shape: number[] } {
  const { name, shape, dtype, quantization } = isRecord(weight) ? weight : {};
  const isSize = (size: unknown) => Number.isSafeInteger(size) && (size as number) >= 0;
  if (typeof name !== "string" || !Array.isArray(shape) || !shape.every(isSize))
    throw expected("{ name, shape, dtype }", "a weight of model.json", JSON.stringify(weight));
  if (dtype !== "float32" || quantization !== undefined)
    throw expected(
      "float32 without quantization",
      `weight ${name} of model.json`,
      quantization === undefined ? dtype : JSON.stringify(quantization),
    );
  return { name, shape };
}

/** A file of weights; only below the model's own folder. */
function readShard(directory: string, path: unknown): Buffer {
  if (typeof path !== "string" || isAbsolute(path) || path.split(/[\\/]/).includes(".."))
    throw expected("path inside the model's folder", "a weight group of model.json", path);
  return readFile(join(directory, path));
}

function readJson(file: string): Record<string, unknown> {
  const text = readFile(file).toString("utf8");
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new InputError(`Expected JSON in ${file} but ${(error as Error).message}`);
  }
  if (!isRecord(content)) throw expected("JSON object", file, content);
  return content;
}

function readFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new InputError(
      `Expected a LayersModel of tfjs but ${file} cannot be read (${(error as Error).message})`,
    );
  }
}
