/**
 * Kernels on flat float32 vectors. All arrays of a call have the same length; nothing is
 * allocated. The equations are those of Ferret (CVPR 2025, arXiv 2503.12053).
 */
export interface VectorKernels {
  /**
   * `gradient *= clamp(1 + lambda * gradient * (next - previous), 0, 2)` for each consecutive pair
   * of `versions`, oldest first, in place and in one pass over memory (Eq. 8-9).
   */
  iterativeFisher(gradient: Float32Array, versions: readonly Float32Array[], lambda: number): void;

  /**
   * Compensation, optimiser and publication in one pass over memory, where the kernels have it:
   * `destination = source - learningRate * repaired`, with `repaired` what `iterativeFisher` makes
   * of the gradient. The gradient stays as it is; `destination` may be any of the other arrays.
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
   * One pass over the state behind lambda (Eq. 10-12), in place:
   *
   * ```
   * d   = (1 - emaDecay) (g - v_r)
   * v_a = emaDecay v_a + (1 - emaDecay) g g (newest - previous)
   * v_r = emaDecay v_r + (1 - emaDecay) g
   * ```
   *
   * and `sums[0] = <v_a, d>`, `sums[1] = <v_a, v_a>` in double precision.
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
