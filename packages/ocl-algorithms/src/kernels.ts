import type { AlgorithmKernels } from "./contract.js";

/**
 * The kernels in plain TypeScript, for where no others are handed over. `magnitudeAverage` and `pull`
 * compute in double precision and round once, as those of `@ferret-ocl/kernels-cuda` do: the same
 * bits.
 */
export const plainKernels: Required<AlgorithmKernels> = {
  sgd(destination, source, gradient, learningRate) {
    for (let index = 0; index < gradient.length; index++)
      destination[index] = (source[index] as number) - learningRate * (gradient[index] as number);
  },

  squaredNorm(gradient) {
    let sum = 0;
    for (let index = 0; index < gradient.length; index++)
      sum += (gradient[index] as number) * (gradient[index] as number);
    return sum;
  },

  magnitudeAverage(average, gradient, rate) {
    for (let index = 0; index < average.length; index++) {
      const before = average[index] as number;
      average[index] = before + rate * (Math.abs(gradient[index] as number) - before);
    }
  },

  pull(gradient, parameters, anchor, stiffness, factor, most) {
    for (let index = 0; index < gradient.length; index++) {
      const held = Math.min(factor * (stiffness[index] as number), most);
      const away = (parameters[index] as number) - (anchor[index] as number);
      gradient[index] = (gradient[index] as number) + held * away;
    }
  },
};
