import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expected } from "../../errors.js";
import type { Loss } from "../loss.js";
import { isRecord } from "../read.js";
import { type Model, parseModel } from "../spec.js";
import { readJsonFile } from "./json.js";
import { readManifest } from "./manifest.js";
import type { Metadata } from "./metadata.js";
import { arrangeParameters, nameParameters } from "./parameters.js";
import { replaceFile } from "./replace.js";
import { tfjsTopology } from "./topology.js";

const weightsFile = "weights.bin";

/**
 * Reads a LayersModel that tfjs (or its converter from Keras) saved: `model.json` with topology and
 * weights manifest, and the shards that the manifest lists. Quantized weights are converted back to
 * float32, and the state of an optimizer is ignored. Needs no tfjs.
 *
 * @param path of the folder that holds `model.json`, or of that file.
 * @param options `seed`: seed for Dropout layers that have none of their own; default 0.
 * @param options `loss`: what it is trained for, as in `parseModel`.
 * @throws InputError that names the file, the layer or the tensor that is wrong.
 */
export function loadLayersModel(
  path: string,
  { seed = 0, loss }: { readonly seed?: number; readonly loss?: Loss | undefined } = {},
): { model: Model; parameters: Float32Array } {
  const file = path.endsWith(".json") ? path : join(path, "model.json");
  const directory = dirname(file);
  const content = readJsonFile(file, "a LayersModel of tfjs");
  if (!isRecord(content)) throw expected("JSON object", file, content);
  if (content.format === "graph-model")
    throw expected(
      '"layers-model"',
      `format of ${file}`,
      content.format,
      "convert the Keras model again with --output_format=tfjs_layers_model",
    );
  // Keras' own export wraps the topology once more.
  const topology = isRecord(content.modelTopology) ? content.modelTopology : {};
  const model = parseModel(topology.model_config ?? topology, { parameters: "given", seed, loss });
  const tensors = readManifest(directory, content.weightsManifest);
  return { model, parameters: arrangeParameters(model, tensors) };
}

/**
 * What people who load a saved model with tfjs must know, one sentence each; empty for most models.
 */
export function tfjsNotices(model: Model): string[] {
  const { layers } = model.specification.config;
  const notices = unknownToTfjs
    .filter(({ isIn }) => layers.some(({ class_name, config }) => isIn(class_name, config)))
    .map(
      ({ what }) =>
        `tfjs has no ${what}: call registerLayers(tf) of @ferret-ocl/pipeline/tfjs-layers ` +
        "before tf.loadLayersModel loads what is saved",
    );
  for (const { what, isIn } of notForTfjs)
    if (layers.some(({ class_name, config }) => isIn(class_name, config)))
      notices.push(`tfjs ${what}: what is saved can be loaded here, not by tfjs`);
  return notices;
}

/** Something that tfjs lacks, and how to recognise a layer that needs it. */
interface Lack {
  readonly what: string;
  isIn(className: string, config: Readonly<Record<string, unknown>>): boolean;
}

/** What nothing can be done about. */
const notForTfjs: readonly Lack[] = [
  {
    what: "has no Conv2D in groups",
    isIn: (className, { groups = 1 }) => className === "Conv2D" && groups !== 1,
  },
  {
    what: "leaves out the dilations of a DepthwiseConv2D (4.22)",
    isIn: (className, { dilation_rate: dilations = 1 }) =>
      className === "DepthwiseConv2D" && !["1", "1,1"].includes(`${dilations}`),
  },
];

/** What `registerLayers` adds. */
const unknownToTfjs: readonly Lack[] = [
  { what: "InstanceNormalization", isIn: (className) => className === "InstanceNormalization" },
  { what: "GroupNormalization", isIn: (className) => className === "GroupNormalization" },
  { what: "activation leaky_relu", isIn: (_, { activation }) => activation === "leaky_relu" },
  {
    what: "ELU of another alpha than 1",
    isIn: (className, { alpha = 1 }) => className === "ELU" && alpha !== 1,
  },
];

/**
 * Writes a model and its parameters so that `tf.loadLayersModel` can load them: `model.json` and
 * one file of weights. Optimizer state is not saved.
 *
 * @param directory is created if it is missing.
 * @param metadata what else is to be known about the model, such as the names of its classes; plain
 * data. It becomes tfjs's `userDefinedMetadata`.
 */
export function saveLayersModel(
  directory: string,
  model: Model,
  parameters: Float32Array,
  metadata?: Metadata,
): void {
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
    modelTopology: tfjsTopology(model.specification),
    weightsManifest: [{ paths: [weightsFile], weights }],
    ...(metadata ? { userDefinedMetadata: metadata } : {}),
  };
  replaceFile(join(directory, "model.json"), JSON.stringify(content));
}
