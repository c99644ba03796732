/**
 * Kernels on flat float32 vectors of equal length, the only heavy work of a compensator. Any
 * implementation will do; `@ferret-ocl/kernels-cuda` has native ones, `referenceKernels` is plain
 * TypeScript.
 */
export interface VectorKernels {
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
}

/** What a compensator may know of the moment at which a gradient is applied. */
export interface CompensationContext {
  /** tau: updates between the weights a gradient was computed with and those it is applied to. */
  readonly staleness: number;
  readonly learningRate: number;
}

/**
 * Repairs a stale gradient before it is applied: two functions and explicit state. One state
 * serves one vector of parameters (in a pipeline: one stage).
 */
export interface Compensator<State = unknown> {
  readonly name: string;
  /** How many vectors as long as the parameters `init` asks `allocate` for. */
  readonly stateVectors: number;
  /**
   * True where `update` leaves every gradient as it is and keeps no state, so that a trainer may
   * join its step to the backward pass and never have the gradient in memory.
   */
  readonly leavesGradients?: boolean;

  /**
   * Everything that `update` changes lies in arrays from the two functions, so that several
   * threads can hold one state: each calls `init` with functions that give the same memory.
   *
   * @param parameterCount length of the parameter vector.
   * @param allocate gives a zeroed Float32Array of a length; default: a plain one.
   * @param numbers gives a few zeroed numbers; default: a plain Float64Array.
   */
  init(
    parameterCount: number,
    allocate?: (length: number) => Float32Array,
    numbers?: (count: number) => Float64Array,
  ): State;

  /**
   * Replaces `gradient` by an estimate of the gradient at the newest version. Allocates nothing.
   *
   * @param gradient [parameterCount], changed in place.
   * @param versions parameters [parameterCount] each, oldest first: the version that the gradient
   * was computed with, those in between that are still held, and the newest last. Only read.
   * @param state what `init` gave; updated.
   */
  update(
    gradient: Float32Array,
    versions: readonly Float32Array[],
    state: State,
    context: CompensationContext,
  ): void;

  /**
   * `update` and a step of gradient descent from the newest version in one pass, where that spares
   * one: `destination = newest - learningRate * repaired gradient`. Leaves `gradient` undefined.
   * A compensator whose kernels cannot do this has no such method.
   *
   * @param destination [parameterCount]; may be the newest version itself.
   */
  step?(
    destination: Float32Array,
    gradient: Float32Array,
    versions: readonly Float32Array[],
    state: State,
    context: CompensationContext,
  ): void;
}
