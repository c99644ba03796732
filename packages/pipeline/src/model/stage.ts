import type { Layer } from "./layer.js";
import {
  align64,
  boundaryBytes,
  elementCount,
  paddedElementCount,
  type Shape,
  tensorBytes,
} from "./shape.js";
import type { Model } from "./spec.js";

/** Consecutive layers that one device runs as a unit. */
export interface Stage {
  readonly index: number;
  readonly layers: readonly Layer[];
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly parameterCount: number;
}

/** Cuts a model into stages; `partition` holds the index of every stage's first layer. */
export function cutStages(model: Model, partition: readonly number[]): Stage[] {
  return partition.map((start, index) => {
    const layers = model.layers.slice(start, partition[index + 1] ?? model.layers.length);
    return {
      index,
      layers,
      inputShape: (layers[0] as Layer).inputShape,
      outputShape: (layers[layers.length - 1] as Layer).outputShape,
      parameterCount: layers.reduce((sum, layer) => sum + layer.parameterCount, 0),
    };
  });
}

/**
 * Bytes that a layer claims inside a stage at a given batch size. The sums below follow from
 * shapes alone, so the planner can cut anywhere and still predict every byte:
 *
 * ```
 * saved(stage)   = inner of every layer but the last  +  last of the last layer
 * scratch(stage) = 2 x largest gradient               +  largest scratch (asked of the runtime)
 * ```
 */
export interface LayerFootprint {
  /** Saved for the backward pass by a layer that has another one of its stage behind it. */
  readonly inner: number;
  /** The same for the last layer of a stage, whose output lies in the stage boundary. */
  readonly last: number;
  /** The larger one of the gradients at its input and output. */
  readonly gradient: number;
  /** Output as it crosses a stage boundary. */
  readonly output: number;
}

export function layerFootprint(layer: Layer, batch: number): LayerFootprint {
  const { configuration } = layer;
  // Which element of a window won: one byte each, four where a window has more than 255.
  const winners =
    configuration.kind === "maxPooling2d"
      ? align64(
          batch *
            paddedElementCount(layer.outputShape) *
            (configuration.poolSize[0] * configuration.poolSize[1] > 255 ? 4 : 1),
        )
      : 0;
  // The boundary slot of a stage's output is overwritten by its gradient, so where a rectifier
  // ends a stage it keeps one byte an element that says where it was open.
  const rectified = "activation" in configuration && configuration.activation === "relu";
  const mask = rectified ? align64(batch * elementCount(layer.outputShape)) : 0;
  const output = tensorBytes(layer.outputShape, batch);
  return {
    inner: output + winners,
    last: mask + winners,
    gradient: Math.max(output, tensorBytes(layer.inputShape, batch)),
    output: boundaryBytes(layer.outputShape, batch),
  };
}

/** Saved-activation bytes of a stage. */
export function savedBytes(layers: readonly Layer[], batch: number): number {
  return layers.reduce((sum, layer, index) => {
    const footprint = layerFootprint(layer, batch);
    return sum + (index === layers.length - 1 ? footprint.last : footprint.inner);
  }, 0);
}

/** Scratch bytes of a stage, given what the runtime needs for each of its layers. */
export function scratchBytes(
  layers: readonly Layer[],
  batch: number,
  runtimeScratch: readonly number[],
): number {
  const gradient = Math.max(...layers.map((layer) => layerFootprint(layer, batch).gradient));
  return 2 * gradient + Math.max(...runtimeScratch);
}
