import { declare } from "./declare.js";
import { number, read, versions, written, writtenDoubles } from "./parameters.js";

export interface IterativeFisherKernels {
  /**
   * `gradient *= clamp(1 + lambda * gradient * (next - previous), 0, 2)` for each consecutive pair
   * of `versions`, oldest first, in place.
   */
  iterativeFisher(gradient: Float32Array, versions: readonly Float32Array[], lambda: number): void;

  /**
   * `iterativeFisher` on a gradient and `sgd` with the result, in one pass: destination = source -
   * learningRate * (gradient times the factors). `gradient` is only read; `destination` may be
   * `source` or any of `versions`. Kernels that have it spare a trainer two passes over memory.
   */
  iterativeFisherSgd?(
    destination: Float32Array,
    source: Float32Array,
    gradient: Float32Array,
    versions: readonly Float32Array[],
    lambda: number,
    learningRate: number,
  ): void;

  /**
   * With g the gradient, in place and in one pass:
   *
   * ```
   * d   = (1 - emaDecay) (g - v_r)
   * v_a = emaDecay v_a + (1 - emaDecay) g g (newest - previous)
   * v_r = emaDecay v_r + (1 - emaDecay) g
   * ```
   *
   * and `sums = [<v_a, d>, <v_a, v_a>]`.
   */
  iterativeFisherStatistics(
    gradient: Float32Array,
    newest: Float32Array,
    previous: Float32Array,
    residualAverage: Float32Array,
    fisherAverage: Float32Array,
    emaDecay: number,
    sums: Float64Array,
  ): void;
}

export const iterativeFisherKernels = declare<IterativeFisherKernels>(
  {
    iterativeFisher: [written("gradient"), versions, number("lambda")],
    iterativeFisherSgd: [
      written("destination"),
      read("source"),
      read("gradient"),
      versions,
      number("lambda"),
      number("learningRate"),
    ],
    iterativeFisherStatistics: [
      read("gradient"),
      read("newest"),
      read("previous"),
      written("residualAverage"),
      written("fisherAverage"),
      number("emaDecay"),
      writtenDoubles("sums", 2),
    ],
  },
  {
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
  },
);
