import type { Element } from "../elements.js";
import type { BackwardTraits, Layer, LayerKind } from "../layer.js";
import type { Settings } from "../settings.js";
import { activation, exponentialUnit, leakyRectifier, rectifier } from "./activation.js";
import { conv2d } from "./conv2d.js";
import { dense } from "./dense.js";
import { depthwiseConv2d } from "./depthwise-conv2d.js";
import { dropout } from "./dropout.js";
import { flatten } from "./flatten.js";
import { globalAveragePooling2d } from "./global-average-pooling2d.js";
import { groupNormalization } from "./group-normalization.js";
import { layerNormalization } from "./layer-normalization.js";
import { batchNormalization, instanceNormalization } from "./normalization.js";
import { averagePooling2d, maxPooling2d } from "./pooling2d.js";
import { separableConv2d } from "./separable-conv2d.js";

const kinds: readonly LayerKind[] = [
  dense,
  conv2d,
  depthwiseConv2d,
  maxPooling2d,
  averagePooling2d,
  globalAveragePooling2d,
  flatten,
  activation,
  rectifier,
  leakyRectifier,
  exponentialUnit,
  dropout,
  batchNormalization,
  instanceNormalization,
  groupNormalization,
  layerNormalization,
];

/**
 * Every layer kind by its Keras class name. A residual block has none of its own: it is built from
 * the layers between a branch and its `Add` (graph.ts).
 */
export const layerKinds: ReadonlyMap<string, LayerKind> = new Map(
  kinds.map((kind) => [kind.className, kind]),
);

const traits: ReadonlyMap<string, BackwardTraits> = new Map(
  kinds.map(({ kind, backward = {} }) => [kind, backward]),
);

/** What the backward pass of a layer's kind reads and keeps; nothing of its own in a residual block. */
export function backwardTraits({ configuration }: Layer): BackwardTraits {
  return traits.get(configuration.kind) ?? {};
}

/** Classes that are several layers here. */
const composites = new Map([[separableConv2d.className, separableConv2d]]);

/** The layers that an element stands for; itself where it is one. */
export function expandElement(element: Element): readonly Element[] {
  if ("main" in element) return [element];
  return composites.get(element.className)?.expand(element) ?? [element];
}

/** What the configuration of a class may hold; undefined where there is no such class. */
export function settingsOf(className: string): Settings | undefined {
  return (layerKinds.get(className) ?? composites.get(className))?.settings;
}

/**
 * Keras class names of the layers that `parseModel` takes; beside them `InputLayer`, `Add`,
 * `ZeroPadding2D` and, as the last layer, `Softmax`.
 */
export const layerKindNames: readonly string[] = [...layerKinds.keys(), ...composites.keys()];
