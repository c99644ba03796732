import { derivativeFrom, isRectifier } from "./activation.js";
import { activationOf, type Layer } from "./layer.js";
import { backwardTraits } from "./layers/registry.js";

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
  // What is made again is made from an input that is kept.
  if (next && readsInput(next)) return makesAgain(layer) && !makesAgain(next) ? "again" : "output";
  switch (derivativeFrom(activationOf(layer))) {
    case "sign":
      return next && passesActivation(layer, next) ? "nothing" : "mask";
    case "output":
      return "output";
    default:
      return "nothing";
  }
}

/** Whether the next layer takes over the derivative of a layer's activation. */
export function passesActivation(layer: Layer, next: Layer): boolean {
  return isRectifier(activationOf(layer)) && (backwardTraits(next).passesRectifier ?? false);
}

/** Whether a layer's output is quickly made again. */
function makesAgain(layer: Layer): boolean {
  return backwardTraits(layer).makesAgain?.(layer.configuration) ?? false;
}

/** Whether a layer's backward pass reads its input. */
export function readsInput(layer: Layer): boolean {
  const { configuration } = layer;
  if (configuration.kind === "residual")
    return [configuration.main, configuration.shortcut].some(
      ([first]) => first !== undefined && readsInput(first),
    );
  const traits = backwardTraits(layer);
  return traits.keepsGradient || (traits.readsInput?.(configuration) ?? false);
}
