import type { VectorKernels } from "./contract.js";
import { elementwiseKernels } from "./reference-elementwise.js";
import { secantKernels } from "./reference-secant.js";

/** The kernels in plain TypeScript: what runs where no binary does, and what binaries are held to. */
export const referenceKernels: VectorKernels = {
  ...elementwiseKernels,
  ...secantKernels,

  iterativeFisher(gradient, versions, lambda) {
    for (let index = 0; index < gradient.length; index++) {
      let value = gradient[index] as number;
      for (let step = 1; step < versions.length; step++) {
        const change =
          ((versions[step] as Float32Array)[index] as number) -
          ((versions[step - 1] as Float32Array)[index] as number);
        value *= clampFactor(1 + lambda * value * change);
      }
      gradient[index] = value;
    }
  },

  iterativeFisherStatistics(
    gradient,
    newest,
    previous,
    residualAverage,
    fisherAverage,
    decay,
    sums,
  ) {
    const rest = 1 - decay;
    let residual = 0;
    let fisher = 0;
    for (let index = 0; index < gradient.length; index++) {
      const value = gradient[index] as number;
      const change = (newest[index] as number) - (previous[index] as number);
      const difference = rest * (value - (residualAverage[index] as number));
      const average = decay * (fisherAverage[index] as number) + rest * value * value * change;
      fisherAverage[index] = average;
      residualAverage[index] = decay * (residualAverage[index] as number) + rest * value;
      residual += average * difference;
      fisher += average * average;
    }
    sums[0] = residual;
    sums[1] = fisher;
  },

  sgd(destination, source, gradient, learningRate) {
    for (let index = 0; index < gradient.length; index++)
      destination[index] = (source[index] as number) - learningRate * (gradient[index] as number);
  },

  add(accumulator, gradient) {
    for (let index = 0; index < gradient.length; index++)
      accumulator[index] = (accumulator[index] as number) + (gradient[index] as number);
  },
};

/** Keeps one step from turning a gradient's sign or more than doubling it; NaN stays NaN. */
function clampFactor(factor: number): number {
  return factor < 0 ? 0 : Math.min(factor, 2);
}
