import type { BackwardTraits, Layer, LayerKind } from "../layer.js";
import { activation, exponentialUnit, leakyRectifier, rectifier } from "./activation.js";
import { conv2d } from "./conv2d.js";
import { dense } from "./dense.js";
import { depthwiseConv2d } from "./depthwise-conv2d.js";
import { dropout } from "./dropout.js";
import { flatten } from "./flatten.js";
import { globalAveragePooling2d } from "./global-average-pooling2d.js";
import { batchNormalization, instanceNormalization } from "./normalization.js";
import { averagePooling2d, maxPooling2d } from "./pooling2d.js";

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

/** Keras class names of the layers that `parseModel` takes; `InputLayer`, `Add` and `ZeroPadding2D` beside them. */
export const layerKindNames: readonly string[] = [...layerKinds.keys()];
