import type { CompensationContext, Compensator } from "../contract.js";
import type { VectorKernels } from "../kernels/contract.js";

export interface Scaling {
  readonly name: string;
  /** The number to multiply a stale gradient by. */
  factor(
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    context: CompensationContext,
  ): number;
}

/** A compensator that multiplies each gradient by one number and keeps no state. */
export function scaling(kernels: VectorKernels, { name, factor }: Scaling): Compensator<null> {
  const factorOf = (
    gradient: Float32Array,
    versions: readonly Float32Array[],
    context: CompensationContext,
  ) =>
    versions.length < 2
      ? 1
      : factor(
          gradient,
          versions[versions.length - 1] as Float32Array,
          versions[0] as Float32Array,
          context,
        );
  return {
    name,
    staysFinite: true,
    stateVectors: 0,
    init: () => null,
    update(gradient, versions, _, context) {
      const share = factorOf(gradient, versions, context);
      // g - (1 - share) g: descent along the gradient itself.
      if (share !== 1) kernels.sgd(gradient, gradient, gradient, 1 - share);
    },
    step(destination, gradient, versions, _, context) {
      const share = factorOf(gradient, versions, context);
      const newest = versions[versions.length - 1] as Float32Array;
      kernels.sgd(destination, newest, gradient, context.learningRate * share);
    },
  };
}
