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
  if (activationOf(layer) === "linear") return "nothing";
  return next && passesActivation(next) ? "nothing" : "mask";
}

/** Whether a layer takes over the derivative of the activation before it. */
export function passesActivation(layer: Layer): boolean {
  return backwardTraits(layer).passesRectifier ?? false;
}

/** Whether a layer's output is quickly made again. */
export function makesAgain(layer: Layer): boolean {
  return backwardTraits(layer).makesAgain?.(layer.configuration) ?? false;
}

/** Whether a layer's backward pass reads its input. */
function readsInput(layer: Layer): boolean {
  const { configuration } = layer;
  if (configuration.kind === "residual")
    return [configuration.main, configuration.shortcut].some(
      ([first]) => first !== undefined && readsInput(first),
    );
  const traits = backwardTraits(layer);
  return traits.keepsGradient || (traits.readsInput?.(configuration) ?? false);
}
