import { activationOf, type Layer } from "./layer.js";

/**
 * What is kept of a layer's output for the backward pass: all of it; nothing, since it is made
 * again from the layer's input; a bit an element that says where the layer's activation was open;
 * or nothing, since nobody reads it.
 */
export type Kept = "output" | "again" | "mask" | "nothing";

/**
 * By the kinds of layers alone, so that the planner knows it wherever the model is cut.
 * @param next the layer behind it in the stage or path; absent at the end, where the output is a
 * boundary that the gradient is going to overwrite.
 */
export function keptOf(layer: Layer, next?: Layer): Kept {
  // Normalised values are quickly made again, from an input that is kept.
  if (next && readsInput(next)) return normalizes(layer) && !normalizes(next) ? "again" : "output";
  if (activationOf(layer) === "linear") return "nothing";
  return next && passesActivation(next) ? "nothing" : "mask";
}

/**
 * Whether a layer takes over the derivative of the activation before it. Max pooling does: the
 * largest value of a window tells whether that was open at the winner, and no other value gets a
 * gradient.
 */
export function passesActivation({ configuration: { kind } }: Layer): boolean {
  return kind === "maxPooling2d";
}

export function normalizes({ configuration: { kind } }: Layer): boolean {
  return kind === "batchNormalization" || kind === "instanceNormalization";
}

/** Whether a layer's backward pass reads its input. */
function readsInput({ configuration }: Layer): boolean {
  switch (configuration.kind) {
    case "dense":
    case "conv2d":
    case "depthwiseConv2d":
    case "batchNormalization":
    case "instanceNormalization":
      return true;
    case "residual":
      return [configuration.main, configuration.shortcut].some(
        ([first]) => first !== undefined && readsInput(first),
      );
    default:
      return false;
  }
}
