import type { Compensator, LateGradient } from "../contract.js";
import type { VectorKernels } from "../kernels/contract.js";

/**
 * A compensator that multiplies each stale gradient by one number and keeps no state.
 * @param factor gives the number; asked for where there is more than one version.
 */
export function scaling(
  kernels: VectorKernels,
  name: string,
  factor: (late: LateGradient<null>) => number,
): Compensator<null> {
  const factorOf = (late: LateGradient<null>) => (late.versions.length < 2 ? 1 : factor(late));
  return {
    name,
    staysFinite: true,
    stateVectors: 0,
    init: () => null,
    update(late) {
      const { gradient } = late;
      const share = factorOf(late);
      // g - (1 - share) g: descent along the gradient itself.
      if (share !== 1) kernels.sgd(gradient, gradient, gradient, 1 - share);
      return gradient;
    },
    step(late) {
      const { destination, gradient, versions, learningRate } = late;
      const share = factorOf(late);
      const newest = versions[versions.length - 1] as Float32Array;
      kernels.sgd(destination, newest, gradient, learningRate * share);
    },
  };
}
