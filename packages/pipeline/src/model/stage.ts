import type { ParameterMatrix } from "@ferret-ocl/compensation";
import { keptOf } from "./kept.js";
import type { Layer } from "./layer.js";
import { backwardTraits } from "./layers/registry.js";
import { findMatrices } from "./matrices.js";
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
  readonly statistics: readonly Statistic[];
  /** Parameters that no update changes; neighbours are one span. */
  readonly frozen: readonly Span[];
  readonly matrices: readonly ParameterMatrix[];
}

/** A part of a stage's parameters. */
interface Span {
  /** Floats from the start of the stage's parameters. */
  readonly offset: number;
  readonly length: number;
}

/**
 * A moving statistic inside a stage's parameters. Its part of the gradient holds how far it is from
 * the batch's statistic, and an update moves it by `rate` of that, whatever the learning rate.
 */
export interface Statistic extends Span {
  /** 1 - momentum. */
  readonly rate: number;
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
      statistics: findStatistics(layers),
      frozen: findFrozen(layers),
      matrices: findMatrices(layers),
    };
  });
}

function findStatistics(layers: readonly Layer[]): Statistic[] {
  const statistics: Statistic[] = [];
  let offset = 0;
  for (const { shape, momentum } of layers.flatMap((layer) => layer.parameters)) {
    const length = elementCount(shape);
    if (momentum !== undefined) statistics.push({ offset, length, rate: 1 - momentum });
    offset += length;
  }
  return statistics;
}

function findFrozen(layers: readonly Layer[]): Span[] {
  const spans: { offset: number; length: number }[] = [];
  let offset = 0;
  for (const { shape, frozen } of layers.flatMap((layer) => layer.parameters)) {
    const length = elementCount(shape);
    const last = spans[spans.length - 1];
    if (frozen && last && last.offset + last.length === offset) last.length += length;
    else if (frozen) spans.push({ offset, length });
    offset += length;
  }
  return spans;
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
  /** Saved for the backward pass by a layer that has `next` behind it in its stage. */
  readonly inner: number;
  /** The same for the last layer of a stage, whose output lies in the stage boundary. */
  readonly last: number;
  /** The larger one of the gradients at its input and output. */
  readonly gradient: number;
  /** Output as it crosses a stage boundary. */
  readonly output: number;
}

/** @param next the layer behind it in the model, or in its path of a residual block. */
export function layerFootprint(layer: Layer, batch: number, next?: Layer): LayerFootprint {
  const output = tensorBytes(layer.outputShape, batch);
  const kept = {
    output,
    again: 0,
    mask: align64(Math.ceil((batch * paddedElementCount(layer.outputShape)) / 8)),
    nothing: 0,
  };
  const extra = extraBytes(layer, batch);
  return {
    inner: kept[keptOf(layer, next)] + extra,
    last: kept[keptOf(layer)] + extra,
    gradient: Math.max(output, tensorBytes(layer.inputShape, batch)),
    output: boundaryBytes(layer.outputShape, batch),
  };
}

/** Bytes that a layer saves beside its output or mask. */
export function extraBytes(layer: Layer, batch: number): number {
  const { configuration } = layer;
  if (configuration.kind === "residual")
    return savedBytes(configuration.main, batch) + savedBytes(configuration.shortcut, batch);
  return backwardTraits(layer).extraBytes?.(configuration, layer, batch) ?? 0;
}

/** Saved-activation bytes of a stage, or of a path inside a residual block. */
export function savedBytes(layers: readonly Layer[], batch: number): number {
  return layers.reduce(
    (sum, layer, index) => sum + layerFootprint(layer, batch, layers[index + 1]).inner,
    0,
  );
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
