import { expected } from "../errors.js";
import { type Activation, derivativeFrom, isRectifier } from "./activation.js";
import type { Element, LayerElement } from "./elements.js";
import type { Initial } from "./initial.js";
import { readInitialiser } from "./initialisers.js";
import {
  activationOf,
  type BoundShapes,
  type Configuration,
  type Layer,
  type LayerConfiguration,
  type ParameterTensor,
} from "./layer.js";
import { activation } from "./layers/activation.js";
import { channelsLast } from "./layers/image.js";
import { expandElement, layerKindNames, layerKinds } from "./layers/registry.js";
import { bindResidual } from "./layers/residual.js";
import { requireSample } from "./limits.js";
import { readZeroPadding } from "./read.js";
import { checkSettings, readFrozen } from "./settings.js";
import { elementCount, type Shape } from "./shape.js";

/** How a specification is read. */
export interface Reading {
  /** Whether parameters are drawn; else they come from a file, whatever the initialisers say. */
  readonly drawn: boolean;
  /** What the masks of Dropout layers are drawn from that have no seed of their own. */
  readonly seed: number;
}

/**
 * Binds a chain to an input shape. Layers that would cost memory for nothing are folded into their
 * neighbour: most activations into the layer before them, zero padding into the window after it.
 */
export function bindChain(
  elements: readonly Element[],
  inputShape: Shape,
  reading: Reading,
): Layer[] {
  const layers: Layer[] = [];
  let shape = inputShape;
  let padding: LayerElement | null = null;
  for (const element of elements.flatMap(expandElement)) {
    if (!("main" in element) && element.className === "ZeroPadding2D") {
      if (padding) throw misplaced(padding);
      checkShape(element.config, `${element.path}.config`, shape);
      padding = element;
      continue;
    }
    const last = layers[layers.length - 1];
    const unbound = configure(element, shape, reading);
    const configuration = padding
      ? padded(unbound.configuration, padding, last)
      : unbound.configuration;
    padding = null;
    if (configuration.kind === "activation" && foldActivation(layers, configuration.activation))
      continue;
    if (configuration.kind === "dropout" && configuration.rate === 0) continue;
    const [before, after] = splitActivation(configuration);
    const bound = unbound.bind(before);
    requireSample(bound.outputShape, element.path);
    layers.push(place(bound, element.name, before, shape));
    shape = bound.outputShape;
    if (after) {
      const name = `${element.name}_activation`;
      layers.push(place(activation.bind(after, shape, element.path), name, after, shape));
    }
  }
  if (padding) throw misplaced(padding);
  return layers;
}

/** Gives an activation to the last layer; false where that cannot apply it. */
function foldActivation(layers: Layer[], activation: Activation): boolean {
  if (activation === "linear") return true;
  const last = layers[layers.length - 1];
  const configuration = last?.configuration;
  if (derivativeFrom(activation) === "input" || !last || !configuration) return false;
  if (!("activation" in configuration) || configuration.activation !== "linear") return false;
  layers[layers.length - 1] = { ...last, configuration: { ...configuration, activation } };
  return true;
}

/** An activation whose derivative is told from its input is a layer of its own, behind its layer. */
function splitActivation(
  configuration: LayerConfiguration,
): [LayerConfiguration, Configuration<"activation">?] {
  if (configuration.kind === "activation" || !("activation" in configuration))
    return [configuration];
  const { activation } = configuration;
  if (derivativeFrom(activation) !== "input") return [configuration];
  return [
    { ...configuration, activation: "linear" },
    { kind: "activation", activation },
  ];
}

function place(
  bound: BoundShapes,
  name: string,
  configuration: LayerConfiguration,
  inputShape: Shape,
): Layer {
  const parameterCount = bound.parameters.reduce((sum, each) => sum + elementCount(each.shape), 0);
  return { ...bound, name, configuration, inputShape, parameterCount };
}

/** The configuration with the zeros of a ZeroPadding2D layer before it. */
function padded(
  configuration: LayerConfiguration,
  element: LayerElement,
  last: Layer | undefined,
): LayerConfiguration {
  const path = `${element.path}.config`;
  checkSettings("ZeroPadding2D", { read: ["padding"], fixed: channelsLast }, element.config, path);
  const padding = readZeroPadding(element.config, path);
  const { kind } = configuration;
  if (kind !== "conv2d" && kind !== "depthwiseConv2d" && kind !== "maxPooling2d")
    throw misplaced(element);
  if (configuration.padding !== "valid") throw misplaced(element);
  // Where no value is negative, a zero of the padding is the largest only among zeros, through
  // which the activation lets no gradient: the same as padding that does not count. But then every
  // window must hold a value of the image.
  if (kind === "maxPooling2d") {
    const { poolSize } = configuration;
    const fits = ({ before, after }: typeof padding) =>
      poolSize.every((size, axis) => Math.max(before[axis] ?? 0, after[axis] ?? 0) < size);
    if (!last || !isRectifier(activationOf(last)) || !fits(padding)) throw misplaced(element);
  }
  return { ...configuration, padding };
}

interface Unbound {
  readonly configuration: LayerConfiguration;
  bind(configuration: LayerConfiguration): BoundShapes;
}

function configure(element: Element, shape: Shape, reading: Reading): Unbound {
  if ("main" in element) {
    const configuration = {
      kind: "residual" as const,
      main: bindChain(element.main, shape, reading),
      shortcut: bindChain(element.shortcut, shape, reading),
      activation: "linear" as const,
    };
    return { configuration, bind: () => bindResidual(configuration, shape, element.path) };
  }
  const { className, config, name, owner = { name, renames: {} } } = element;
  const path = `${element.path}.config`;
  const kind = layerKinds.get(className);
  if (!kind)
    throw expected(
      `one of ${[...layerKindNames, "ZeroPadding2D"].join(", ")}, or Softmax as the last layer`,
      `${element.path}.class_name`,
      className,
    );
  // What is a part of a layer has been looked at with it.
  if (!element.owner) checkSettings(className, kind.settings, config, path);
  checkShape(config, path, shape);
  const frozen = readFrozen(config, path);
  return {
    configuration: kind.parse(config, path, shape, { name, seed: reading.seed }),
    bind(configuration) {
      const bound = kind.bind(configuration, shape, element.path);
      if (frozen && configuration.kind === "batchNormalization") throw standing(path);
      const parameters = bound.parameters.map((each) => {
        const own = owner.renames[each.name] ?? each.name;
        return {
          ...each,
          name: `${owner.name}/${own}`,
          initial: readInitial({ ...each, name: own }, config, path, reading),
          ...(frozen ? { frozen } : {}),
        };
      });
      return { ...bound, parameters };
    },
  };
}

/** What the configuration says of a parameter's first values, or else what its kind does. */
function readInitial(
  { name, shape, initial }: ParameterTensor,
  config: Record<string, unknown>,
  path: string,
  { drawn }: Reading,
): Initial {
  const key = `${name.replace(/_kernel$/, "")}_initializer`;
  const value = config[key] ?? null;
  return value === null ? initial : readInitialiser(value, `${path}.${key}`, shape, drawn);
}

/** A shape that a layer tells of its input must be the one that comes. */
function checkShape(config: Record<string, unknown>, path: string, shape: Shape): void {
  for (const key of ["batch_input_shape", "batch_shape"]) {
    const told = config[key] ?? null;
    if (told !== null && !(Array.isArray(told) && String(told.slice(1)) === String(shape)))
      throw expected(`[null, ${shape.join(", ")}]`, `${path}.${key}`, told, "correct or remove it");
  }
}

function standing(path: string): Error {
  return expected(
    "true in a BatchNormalization layer, which learns by the statistics of the batch,",
    `${path}.trainable`,
    false,
    "set it to true or fold the layer into the one before it",
  );
}

function misplaced({ path, name }: LayerElement): Error {
  return expected(
    "padding valid in a Conv2D, DepthwiseConv2D or (behind relu or relu6, larger than the " +
      "padding) MaxPooling2D layer right behind ZeroPadding2D",
    path,
    name,
  );
}
