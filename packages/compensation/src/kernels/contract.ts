/**
 * Kernels on flat float32 vectors of equal length, the only heavy work of a compensator. Any
 * implementation will do; `@ferret-ocl/kernels-cuda` has native ones, `referenceKernels` is plain
 * TypeScript.
 */
export interface VectorKernels extends Partial<SecantKernels>, Partial<RankOneKernels> {
  /**
   * `gradient *= clamp(1 + lambda * gradient * (next - previous), 0, 2)` for each consecutive pair
   * of `versions`, oldest first, in place.
   */
  iterativeFisher(gradient: Float32Array, versions: readonly Float32Array[], lambda: number): void;
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
  /** `destination = source - learningRate * gradient`; `destination` may be `source`. */
  sgd(
    destination: Float32Array,
    source: Float32Array,
    gradient: Float32Array,
    learningRate: number,
  ): void;
  /** `accumulator += gradient` */
  add(accumulator: Float32Array, gradient: Float32Array): void;
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
   * A method that works element by element, with d = newest - origin the change since the weights
   * that the gradient g was computed with. Where `step` is 0, `destination` gets the repaired
   * gradient; else it gets `newest - step * repaired`, in the same pass. `destination` may be any
   * array of the call but the moving average.
   *
   * closedFormFisher: `g / max(1 - lambda g d, 1/2)`
   */
  closedFormFisher(
    destination: Float32Array,
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    lambda: number,
    step: number,
  ): void;

  /** `m = decay m + (1 - decay) g g`, then `g clamp(1 + lambda / sqrt(m + 1e-7) g d, 0, 2)`. */
  adaptiveFisher(
    destination: Float32Array,
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    meanSquare: Float32Array,
    decay: number,
    lambda: number,
    step: number,
  ): void;

  /** `m = decay m + (1 - decay) g g`, then `g / (1 + |d| / (scale sqrt(m) + floor))`, floor > 0. */
  gapAware(
    destination: Float32Array,
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    meanSquare: Float32Array,
    decay: number,
    scale: number,
    floor: number,
    step: number,
  ): void;

  /** `m = decay m + (1 - decay) g g`, then `g / (1 + strength m)`. */
  fisherCap(
    destination: Float32Array,
    gradient: Float32Array,
    newest: Float32Array,
    meanSquare: Float32Array,
    decay: number,
    strength: number,
    step: number,
  ): void;

  /** <g, g> in double precision. */
  squaredNorm(gradient: Float32Array): number;

  /** `sums = [<g, d>, <d, d>]` in double precision. */
  changeProducts(
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    sums: Float64Array,
  ): void;
}

/** What both kernels of secants are handed first; `SecantKernels` says what it is. */
export type SecantArguments = [
  gradient: Float32Array,
  newest: Float32Array,
  origin: Float32Array,
  averageGradient: Float32Array,
  averageOrigin: Float32Array,
  rate: number,
  leadScale: number,
  lead: Float64Array,
  leadProjection: Float64Array,
  direction: Float64Array,
];

/**
 * What `secant` does with a block of parameters: a matrix of R = `direction.length` rows and C
 * columns, row-major, or with R = C = 0 parameters of no shape. One pass over memory each.
 *
 * The block has moving averages of its gradients g and of the weights (`origin`) that they were
 * computed with, `average += rate (value - average)`; below they are those with this gradient taken
 * in. From them
 *
 * ```
 * y = gradient - averageGradient    s = origin - averageOrigin
 * ```
 *
 * The newest weights are ahead of those that descent has come to by the lead
 * `e = leadScale averageGradient + lead (x) leadProjection`, here with the average before this
 * gradient, so that these are `newest - e`, and d = newest - e - origin.
 */
export interface SecantKernels {
  /**
   * Only reads. `sums` = |g|^2, |averageGradient|^2, <s, y>, <s, s>, <g, s>, |newest|^2;
   * `projections` = the sums over rows of direction[r] times g, averageGradient, s, d, C numbers
   * each. All in double precision.
   */
  secantSums(...call: [...SecantArguments, projections: Float64Array, sums: Float64Array]): void;

  /**
   * Moves the averages on and replaces the gradient by
   *
   * ```
   * scale g + damping (newest - origin) + leadFactor e - nextLeadFactor averageGradient
   *   + direction (x) projection
   * ```
   */
  secantRepair(
    ...call: [
      ...SecantArguments,
      scale: number,
      damping: number,
      leadFactor: number,
      nextLeadFactor: number,
      projection: Float64Array,
    ]
  ): void;

  /** `direction[r] = sum over c of matrix[r, c] * projection[c]`, in double precision. */
  projectColumns(matrix: Float32Array, projection: Float64Array, direction: Float64Array): void;
}

/** What `rank-one` does with a matrix of R = `direction.length` rows and C columns, row-major. */
export interface RankOneKernels {
  /**
   * Only reads: `projections` = the sums over rows of direction[r] times the gradient, and times
   * newest - origin, C numbers each, in double precision.
   */
  rankOneSums(
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    direction: Float64Array,
    projections: Float64Array,
  ): void;

  /**
   * repaired = scale gradient + damping (newest - origin) + direction (x) projection. Where `step` is
   * 0, `destination` gets it; else it gets `newest - step * repaired`. It may be any of the others.
   */
  rankOneRepair(
    destination: Float32Array,
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    scale: number,
    damping: number,
    direction: Float64Array,
    projection: Float64Array,
    step: number,
  ): void;
}
