import { checkedKernels } from "./call-checks.js";
import type { VectorKernels } from "./contract.js";
import { elementwiseKernels } from "./reference-elementwise.js";
import { rankOneKernels } from "./reference-rank-one.js";
import { secantKernels } from "./reference-secant.js";

type OtherKernels = Omit<
  Required<VectorKernels>,
  keyof typeof elementwiseKernels | keyof typeof rankOneKernels | keyof typeof secantKernels
>;

/** The kernels in plain TypeScript: needs nothing, runs everywhere. */
export const referenceKernels: Required<VectorKernels> = {
  ...elementwiseKernels,
  ...rankOneKernels,
  ...secantKernels,
  ...checkedKernels<OtherKernels>({
    iterativeFisher(gradient, versions, lambda) {
      for (let index = 0; index < gradient.length; index++) {
        let value = gradient[index] as number;
        for (let step = 1; step < versions.length; step++) {
          const next = (versions[step] as Float32Array)[index] as number;
          const change = next - ((versions[step - 1] as Float32Array)[index] as number);
          const factor = 1 + lambda * value * change;
          // One step may not turn the sign or more than double the gradient; NaN stays NaN.
          value = factor < 0 ? 0 : Math.fround(value * Math.min(factor, 2));
        }
        gradient[index] = value;
      }
    },

    iterativeFisherStatistics(gradient, newest, previous, residuals, fishers, emaDecay, sums) {
      const rest = 1 - emaDecay;
      let residualProduct = 0;
      let fisherProduct = 0;
      for (let index = 0; index < gradient.length; index++) {
        const value = gradient[index] as number;
        const residual = residuals[index] as number;
        const change = (newest[index] as number) - (previous[index] as number);
        const fisher = emaDecay * (fishers[index] as number) + rest * value * value * change;
        fishers[index] = fisher;
        residuals[index] = emaDecay * residual + rest * value;
        residualProduct += fisher * rest * (value - residual);
        fisherProduct += fisher * fisher;
      }
      sums[0] = residualProduct;
      sums[1] = fisherProduct;
    },

    sgd(destination, source, gradient, learningRate) {
      for (let index = 0; index < gradient.length; index++)
        destination[index] = (source[index] as number) - learningRate * (gradient[index] as number);
    },

    add(accumulator, gradient) {
      for (let index = 0; index < gradient.length; index++)
        accumulator[index] = (accumulator[index] as number) + (gradient[index] as number);
    },

    iterativeFisherSgd(destination, source, gradient, versions, lambda, learningRate) {
      for (let index = 0; index < gradient.length; index++) {
        let value = gradient[index] as number;
        for (let step = 1; step < versions.length; step++) {
          const next = (versions[step] as Float32Array)[index] as number;
          const change = next - ((versions[step - 1] as Float32Array)[index] as number);
          const factor = 1 + lambda * value * change;
          value = factor < 0 ? 0 : value * Math.min(factor, 2);
        }
        destination[index] = (source[index] as number) - learningRate * value;
      }
    },
  }),
};
