import type { VectorKernels } from "@ferret-ocl/compensation";
import type { Optimizer } from "./contract.js";

/** Plain gradient descent: w = w - lr g. */
export function sgd(kernels: Pick<VectorKernels, "sgd">): Optimizer<null> {
  return {
    name: "sgd",
    vectors: 0,
    isPlain: true,
    init: () => null,
    step(destination, newest, gradient, _, learningRate) {
      kernels.sgd(destination, newest, gradient, learningRate);
    },
  };
}
