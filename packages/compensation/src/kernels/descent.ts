import { declare } from "./declare.js";
import { number, read, written } from "./parameters.js";

export interface DescentKernels {
  /** `destination = source - learningRate * gradient`; `destination` may be `source`. */
  sgd(
    destination: Float32Array,
    source: Float32Array,
    gradient: Float32Array,
    learningRate: number,
  ): void;

  /** `accumulator += gradient` */
  add(accumulator: Float32Array, gradient: Float32Array): void;
}

export const descentKernels = declare<DescentKernels>(
  {
    sgd: [written("destination"), read("source"), read("gradient"), number("learningRate")],
    add: [written("accumulator"), read("gradient")],
  },
  {
    sgd(destination, source, gradient, learningRate) {
      for (let index = 0; index < gradient.length; index++)
        destination[index] = (source[index] as number) - learningRate * (gradient[index] as number);
    },

    add(accumulator, gradient) {
      for (let index = 0; index < gradient.length; index++)
        accumulator[index] = (accumulator[index] as number) + (gradient[index] as number);
    },
  },
);
