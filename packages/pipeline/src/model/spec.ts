import { expected, InputError } from "../errors.js";
import { bindChain } from "./chain.js";
import { type Element, type LayerElement, readElement } from "./elements.js";
import { readGraph } from "./graph.js";
import type { Layer, ParameterTensor } from "./layer.js";
import { limits, requireAtMost, requireSample } from "./limits.js";
import { checkLoss, isRegression, type Loss } from "./loss.js";
import { requirePlain } from "./plain.js";
import { isRecord } from "./read.js";
import { checkSettings, readFrozen } from "./settings.js";
import type { Shape } from "./shape.js";
import { withoutLastSoftmax } from "./softmax.js";

/** A chain of layers with known shapes, ready to be cut into stages. */
export interface Model {
  readonly name: string;
  readonly inputShape: Shape;
  readonly layers: readonly Layer[];
  /** Values that the last layer gives for a sample: a logit a class; in regression, the outputs. */
  readonly classes: number;
  /** What it is trained for; default cross entropy. */
  readonly loss?: Loss;
  readonly parameterCount: number;
  /** What it was read from. */
  readonly specification: ModelSpecification;
}

/** A model as Keras and tfjs write it: `{ class_name: "Sequential", config: { name, layers } }`. */
export interface SequentialSpecification {
  class_name: "Sequential";
  config: { name?: string; layers: { class_name: string; config: Record<string, unknown> }[] };
}

/** A model with residual blocks, as Keras 2 and tfjs write it. */
export interface FunctionalSpecification {
  class_name: "Functional" | "Model";
  config: {
    name?: string;
    layers: {
      class_name: string;
      name: string;
      config: Record<string, unknown>;
      /** `[[["name of the layer before", 0, 0, {}], ...]]`; empty for the input layer. */
      inbound_nodes: unknown[];
    }[];
    input_layers: unknown[];
    output_layers: unknown[];
  };
}

/** A model in the form that Keras and tfjs write. */
export type ModelSpecification = SequentialSpecification | FunctionalSpecification;

/**
 * Reads a Keras model (`model.toJSON(null, false)` of tfjs, or the same written by hand): a
 * sequential one, or a functional one whose only branches are residual blocks. Each of these
 * becomes one layer; activations and zero padding are folded into their neighbours.
 *
 * The input shape comes from an `InputLayer` or from `batch_input_shape` of the first layer; the
 * last layer must give one logit per class. A softmax after the logits is taken to belong to the
 * loss: the model as read gives logits, and predictions apply the softmax.
 *
 * Initialisers are honoured, and so is `trainable: false`: such layers are never updated. Settings
 * that are not honoured and change results are refused, as are those that the layer does not have.
 *
 * @param options.parameters `given`: they come from a file, so that any initialiser will do;
 *   default `drawn`.
 * @param options.seed seed for Dropout layers that have none of their own; default 0.
 * @param options.loss `meanSquaredError`: the last layer gives values, of any activation but softmax;
 *   default `sparseCategoricalCrossentropy`.
 * @throws InputError that names the field if the specification is malformed, a layer kind is
 *   unknown or a branch has another form.
 */
export function parseModel(
  specification: unknown,
  options: {
    readonly parameters?: "drawn" | "given";
    readonly seed?: number;
    readonly loss?: Loss | undefined;
  } = {},
): Model {
  const { seed = 0, loss } = options;
  checkLoss(loss);
  if (!Number.isSafeInteger(seed)) throw expected("a whole number", "options.seed", seed);
  requirePlain(specification);
  const className = isRecord(specification) ? specification.class_name : specification;
  if (
    !isRecord(specification) ||
    (className !== "Sequential" && className !== "Functional" && className !== "Model")
  )
    throw expected(
      'a Keras model with class_name "Sequential" or "Functional"',
      "model",
      className,
    );
  const config = isRecord(specification.config) ? specification.config : {};
  const entries: unknown = config.layers;
  if (!Array.isArray(entries) || entries.length === 0)
    throw expected("non-empty list of layers", "model.config.layers", entries);

  requireAtMost(limits.layers, entries.length, "layers", "model.config.layers");
  checkSettings(className, wholeSettings, config, "model.config");
  const chain = className === "Sequential" ? readSequence(entries) : readGraph(config, entries);
  const first = chain[0] as LayerElement;
  const inputShape = readInputShape(first);
  const isInput = first.className === "InputLayer";
  if (isInput) checkSettings("InputLayer", inputSettings, first.config, `${first.path}.config`);
  const whole = isInput ? chain.slice(1) : chain;
  const withoutSoftmax = withoutLastSoftmax(whole);
  const predictsValues = isRegression(options);
  if (predictsValues && withoutSoftmax !== whole)
    throw new InputError(
      'Expected a last layer without softmax with loss "meanSquaredError" but received one with it; ' +
        "end the model with a linear layer, or learn classes",
    );
  const layers = bindChain(withoutSoftmax, inputShape, {
    drawn: options.parameters !== "given",
    seed,
  });
  const parameterCount = layers.reduce((sum, layer) => sum + layer.parameterCount, 0);
  requireAtMost(limits.parameters, parameterCount, "parameters", "model");
  const parameters = layers.flatMap((layer) => layer.parameters);
  if (readFrozen(config, "model.config") || (parameters.length > 0 && parameters.every(isFrozen)))
    throw new InputError(
      "Expected a layer that learns but every one has trainable false; set it to true in the " +
        "model's config and in those that are to learn",
    );
  const outputShape = layers[layers.length - 1]?.outputShape;
  if (outputShape?.length !== 1)
    throw expected(
      `a flat last layer with one ${predictsValues ? "value per output" : "logit per class"}`,
      "model",
      `[${outputShape ?? ""}]`,
    );
  return {
    name: typeof config.name === "string" ? config.name : "model",
    inputShape,
    layers,
    classes: outputShape[0] as number,
    parameterCount,
    ...(predictsValues && { loss: "meanSquaredError" }),
    // All that was read of it has been checked.
    specification: specification as unknown as ModelSpecification,
  };
}

/** Keys of a whole model's config. */
const wholeSettings = {
  read: ["layers", "input_layers", "output_layers"],
  // How Keras built it, which follows from the layers.
  harmless: ["build_input_shape"],
};

const inputSettings = { fixed: { sparse: [false], ragged: [false], optional: [false] } };

const isFrozen = ({ frozen }: ParameterTensor) => frozen === true;

function readSequence(entries: readonly unknown[]): Element[] {
  const names = new Set<string>();
  // Not `map`, which passes over places of an array that were never set.
  return Array.from(entries, (entry, index) => {
    const element = readElement(entry, index);
    if (names.has(element.name))
      throw expected("layer names that differ", `${element.path}.config.name`, element.name);
    names.add(element.name);
    return element;
  });
}

function readInputShape({ config, path }: LayerElement): Shape {
  const value = config.batch_input_shape ?? config.batch_shape;
  const shape: unknown[] = Array.isArray(value) ? value.slice(1) : [];
  const isSize = (size: unknown): size is number => Number.isInteger(size) && (size as number) > 0;
  if ((shape.length !== 1 && shape.length !== 3) || !shape.every(isSize))
    throw expected(
      "[null, features] or [null, height, width, channels]",
      `${path}.config.batch_input_shape`,
      value,
    );
  requireSample(shape, `${path}.config`);
  return shape;
}
