import type { Compensator } from "../contract.js";
import type { VectorKernels } from "../kernels/contract.js";
import { checkOption } from "../options.js";
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
 *
 * @throws InputError where an option is out of its range.
 */
export function delayAdaptive(
  kernels: VectorKernels,
  { delayStrength = 2 }: DelayAdaptiveOptions = {},
): Compensator<null> {
  checkOption("delayStrength", delayStrength, delayStrength >= 0, "at least 0");
  const adaptive = scaling(kernels, {
    name: "delay-adaptive",
    factor: (_gradient, _newest, _origin, { staleness, learningRate }) =>
      1 / (1 + delayStrength * staleness * learningRate),
  });
  return { ...adaptive, stalenessCost: 0.24 };
}
