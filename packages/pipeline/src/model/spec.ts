import { expected } from "../errors.js";
import type { Layer } from "./layer.js";
import { layerKinds } from "./layers/registry.js";
import { elementCount, type Shape } from "./shape.js";

/** A chain of layers with known shapes, ready to be cut into stages. */
export interface Model {
  readonly name: string;
  readonly inputShape: Shape;
  readonly layers: readonly Layer[];
  readonly classes: number;
  readonly parameterCount: number;
}

/** A model as Keras and tfjs write it: `{ class_name: "Sequential", config: { name, layers } }`. */
export interface SequentialSpecification {
  class_name: "Sequential";
  config: { name?: string; layers: { class_name: string; config: Record<string, unknown> }[] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Reads a sequential Keras model (`model.toJSON(null, false)` of tfjs, or the same written by hand).
 *
 * The input shape comes from an `InputLayer` or from `batch_input_shape` of the first layer; the
 * last layer must give one logit a class, without softmax (the loss applies it).
 *
 * @throws InputError that names the field where the specification is malformed or a layer kind is unknown.
 */
export function parseModel(specification: unknown): Model {
  if (!isRecord(specification) || specification.class_name !== "Sequential")
    throw expected(
      'a Keras model with class_name "Sequential"',
      "model",
      isRecord(specification) ? specification.class_name : specification,
    );
  const config = specification.config;
  const entries = isRecord(config) ? config.layers : undefined;
  if (!Array.isArray(entries) || entries.length === 0)
    throw expected("non-empty list of layers", "model.config.layers", entries);

  let shape: Shape | undefined;
  const layers: Layer[] = [];
  entries.forEach((entry: unknown, index) => {
    const path = `model.config.layers[${index}]`;
    if (!isRecord(entry) || typeof entry.class_name !== "string" || !isRecord(entry.config))
      throw expected("{ class_name, config }", path, entry);
    const layerConfig = entry.config;
    if (index === 0) shape = readInputShape(layerConfig, path);
    if (entry.class_name === "InputLayer") return;
    const kind = layerKinds.get(entry.class_name);
    if (!kind)
      throw expected(
        `one of ${[...layerKinds.keys()].join(", ")}`,
        `${path}.class_name`,
        entry.class_name,
      );
    const configuration = kind.parse(layerConfig, path);
    const inputShape = shape as Shape;
    const bound = kind.bind(configuration, inputShape, path);
    shape = bound.outputShape;
    layers.push({
      name:
        typeof layerConfig.name === "string" ? layerConfig.name : `${configuration.kind}_${index}`,
      configuration,
      inputShape,
      parameterCount: bound.parameters.reduce((sum, each) => sum + elementCount(each.shape), 0),
      ...bound,
    });
  });
  const first = layers[0];
  if (!first || !shape || shape.length !== 1)
    throw expected("a flat last layer with one logit a class", "model", `[${shape ?? ""}]`);
  const name = isRecord(config) && typeof config.name === "string" ? config.name : "model";
  return {
    name,
    inputShape: first.inputShape,
    layers,
    classes: shape[0] as number,
    parameterCount: layers.reduce((sum, layer) => sum + layer.parameterCount, 0),
  };
}

function readInputShape(config: Record<string, unknown>, path: string): Shape {
  const value = config.batch_input_shape ?? config.batch_shape;
  const shape = Array.isArray(value) ? value.slice(1) : undefined;
  if (
    !shape ||
    (shape.length !== 1 && shape.length !== 3) ||
    shape.some((size) => !Number.isInteger(size) || (size as number) < 1)
  )
    throw expected(
      "[null, features] or [null, height, width, channels]",
      `${path}.config.batch_input_shape`,
      JSON.stringify(value),
    );
  return shape as number[];
}
