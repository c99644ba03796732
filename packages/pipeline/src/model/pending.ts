import { readsInput } from "./kept.js";
import type { Layer } from "./layer.js";
import { backwardTraits } from "./layers/registry.js";
import { boundaryBytes, tensorBytes } from "./shape.js";

/**
 * Bytes that a layer claims where the backward pass is done in two: they wait from the gradient at
 * the input to the gradients at the parameters, beside what the forward pass saved. By shapes
 * alone, so that a stage's are a sum wherever the model is cut:
 *
 * ```
 * pending(stage) = input of the first layer  +  gradients of every layer
 * ```
 */
interface PendingFootprint {
  /** The stage's input, if the layer begins the stage and gradients at parameters may need it. */
  readonly input: number;
  /** What those gradients read else: the gradient at the output, or a few sums of it. */
  readonly gradients: number;
}

export function pendingFootprint(layer: Layer, batch: number): PendingFootprint {
  const { configuration, inputShape, outputShape } = layer;
  if (configuration.kind === "residual") {
    const paths = [configuration.main, configuration.shortcut];
    const [main, shortcut] = paths.map((path) => chainFootprint(path, batch)) as Pair;
    // Both paths read one input.
    const input = Math.max(main.input, shortcut.input);
    return { input, gradients: main.gradients + shortcut.gradients };
  }
  const input = boundaryBytes(inputShape, batch);
  if (keepsGradient(layer)) return { input, gradients: tensorBytes(outputShape, batch) };
  const { pendingBytes: ofGradients } = backwardTraits(layer);
  // The input, from which an output is made again that a layer behind may be going to read.
  return {
    input: readsInput(layer) ? input : 0,
    gradients: ofGradients?.(configuration, layer) ?? 0,
  };
}

type Pair = [PendingFootprint, PendingFootprint];

function chainFootprint(layers: readonly Layer[], batch: number): PendingFootprint {
  const footprints = layers.map((layer) => pendingFootprint(layer, batch));
  const gradients = footprints.reduce((sum, each) => sum + each.gradients, 0);
  return { input: footprints[0]?.input ?? 0, gradients };
}

/** Bytes that wait for the gradients at the parameters of a stage. */
export function pendingBytes(layers: readonly Layer[], batch: number): number {
  const { input, gradients } = chainFootprint(layers, batch);
  return input + gradients;
}

/** Whether the gradients at a layer's parameters are taken from its input and output gradient. */
export function keepsGradient(layer: Layer): boolean {
  return backwardTraits(layer).keepsGradient ?? false;
}
