import { expected } from "../errors.js";
import type { Element, LayerElement } from "./elements.js";
import { activationOf, type BoundShapes, type Layer, type LayerConfiguration } from "./layer.js";
import { layerKinds } from "./layers/registry.js";
import { bindResidual } from "./layers/residual.js";
import { readZeroPadding } from "./read.js";
import { elementCount, type Shape } from "./shape.js";

/**
 * Binds a chain to an input shape. Layers that would cost memory for nothing are folded into their
 * neighbour: an activation into the layer before it, zero padding into the window after it.
 */
export function bindChain(elements: readonly Element[], inputShape: Shape): Layer[] {
  const layers: Layer[] = [];
  let shape = inputShape;
  let padding: LayerElement | null = null;
  for (const element of elements) {
    if (!("main" in element) && element.className === "ZeroPadding2D") {
      if (padding) throw misplaced(padding);
      padding = element;
      continue;
    }
    const last = layers[layers.length - 1];
    const unbound = configure(element, shape);
    const configuration = padding
      ? padded(unbound.configuration, padding, last)
      : unbound.configuration;
    padding = null;
    if (configuration.kind === "activation") {
      const { activation } = configuration;
      if (activation === "linear") continue;
      const before = last?.configuration;
      if (last && before && "activation" in before && before.activation === "linear") {
        layers[layers.length - 1] = { ...last, configuration: { ...before, activation } };
        continue;
      }
    }
    const bound = unbound.bind(configuration);
    layers.push({
      ...bound,
      name: element.name,
      configuration,
      inputShape: shape,
      parameterCount: bound.parameters.reduce((sum, each) => sum + elementCount(each.shape), 0),
    });
    shape = bound.outputShape;
  }
  if (padding) throw misplaced(padding);
  return layers;
}

/** The configuration with the zeros of a ZeroPadding2D layer before it. */
function padded(
  configuration: LayerConfiguration,
  element: LayerElement,
  last: Layer | undefined,
): LayerConfiguration {
  const padding = readZeroPadding(element.config, `${element.path}.config`);
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
    if (!last || activationOf(last) === "linear" || !fits(padding)) throw misplaced(element);
  }
  return { ...configuration, padding };
}

interface Unbound {
  readonly configuration: LayerConfiguration;
  bind(configuration: LayerConfiguration): BoundShapes;
}

function configure(element: Element, shape: Shape): Unbound {
  if ("main" in element) {
    const configuration = {
      kind: "residual" as const,
      main: bindChain(element.main, shape),
      shortcut: bindChain(element.shortcut, shape),
      activation: "linear" as const,
    };
    return { configuration, bind: () => bindResidual(configuration, shape, element.path) };
  }
  const { className, config, name, path } = element;
  const kind = layerKinds.get(className);
  if (!kind)
    throw expected(
      `one of ${[...layerKinds.keys(), "ZeroPadding2D"].join(", ")}`,
      `${path}.class_name`,
      className,
    );
  return {
    configuration: kind.parse(config, `${path}.config`, shape),
    bind(configuration) {
      const bound = kind.bind(configuration, shape, path);
      const parameters = bound.parameters.map((each) => ({
        ...each,
        name: `${name}/${each.name}`,
      }));
      return { ...bound, parameters };
    },
  };
}

function misplaced({ path, name }: LayerElement): Error {
  return expected(
    "padding valid in a Conv2D, DepthwiseConv2D or (behind an activation, larger than the " +
      "padding) MaxPooling2D layer right behind ZeroPadding2D",
    path,
    name,
  );
}
