import { method, positive } from "../method.js";
import { scaling } from "./scaling.js";

/** Settings of `delay-adaptive`. */
export interface DelayAdaptiveOptions {
  /** c >= 0, what curvature to reckon with; default 2. */
  readonly delayStrength?: number;
}

/**
 * g / (1 + c tau lr): a step that holds the overshoot of a delay tau within bounds.
 *
 * Late gradients ask tau times for the same descent before its effect is seen. On a quadratic of
 * curvature h that is harmless while lr h tau stays below about 1/e; with c = e h the step never
 * exceeds it, and where the learning rate is small nothing changes.
 */
export const delayAdaptive = method<DelayAdaptiveOptions>({
  name: "delay-adaptive",
  options: { delayStrength: positive(2) },
  floatsMoved: 4,
  stalenessCost: 0.24,
  stalenessCostBehind: { momentum: 0.5, adam: 0.5 },
  create: (kernels, { delayStrength }) =>
    scaling(
      kernels,
      "delay-adaptive",
      ({ staleness, learningRate }) => 1 / (1 + delayStrength * staleness * learningRate),
    ),
  onTensors: ({ gradient, context: { staleness, learningRate }, settings: { delayStrength } }) =>
    gradient.div(1 + delayStrength * staleness * learningRate),
});
