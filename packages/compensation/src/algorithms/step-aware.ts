import type { Compensator } from "../contract.js";
import type { VectorKernels } from "../kernels/contract.js";
import { scaling } from "./scaling.js";

/**
 * g / (tau + 1): the step shrinks with the staleness tau, whatever the problem (staleness-aware
 * asynchronous SGD; W. Zhang et al., arXiv 1511.05950).
 */
export function stepAware(kernels: VectorKernels): Compensator<null> {
  return scaling(kernels, {
    name: "step-aware",
    factor: (_gradient, _newest, _origin, { staleness }) => 1 / (staleness + 1),
  });
}
