import type { Layer } from "../model/layer.js";

/**
 * A stage compiled for one batch size. It works only in buffers that the caller passes and
 * allocates nothing per call if the runtime allows it.
 *
 * All float buffers are float32, dense and channels last; a buffer may be longer than needed.
 */
export interface StageProgram {
  readonly batch: number;
  readonly parameterCount: number;
  /** Bytes of `saved`; equals `savedBytes(layers, batch)`. */
  readonly savedBytes: number;
  /** Bytes of `pending`; equals `pendingBytes(layers, batch)`. */
  readonly pendingBytes: number;
  /** Bytes of `scratch`; equals `scratchBytes(layers, batch, layerScratch)`. */
  readonly scratchBytes: number;

  /**
   * output = stage(input; parameters). With `saved`, keeps there what the backward pass needs.
   * `input` is only read; `output` must not overlap it. Without `output` (recomputation before a
   * backward pass) only `saved` is filled.
   *
   * @param draw determines what Dropout layers drop, a whole number from 0 (default) to 2^53: the
   *   item's, so that a repeated forward pass drops the same.
   */
  forward(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array | null,
    output: Float32Array | null,
    scratch: Uint8Array,
    draw?: number,
  ): void;

  /**
   * Gradients of the loss at the stage's parameters and input, from the gradient at its output and
   * from `input` and `saved` of the forward pass. `parameterGradient` is overwritten; where
   * `parameters` holds moving statistics, it receives (moving - batch statistic). `outputGradient`
   * is used as working space: its content is undefined afterwards. `inputGradient` may be the same
   * buffer as `input`; null skips it (a first stage needs none).
   *
   * Returns a bound on the magnitudes in `parameterGradient`; infinite or NaN if one of them is. If
   * that is cheaper, the bound follows from bounds on the factors of products.
   */
  backward(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array,
    outputGradient: Float32Array,
    inputGradient: Float32Array | null,
    parameterGradient: Float32Array,
    scratch: Uint8Array,
  ): number;

  /**
   * The backward pass in two parts, for schedules that postpone the parameters' gradients (Qi et
   * al. 2023, arXiv 2401.10241). This one, B, writes the gradient at the input, which the stage
   * before waits for, and overwrites `pending` with what the other one reads. From then on only
   * `saved` and `pending` must stay as they are.
   */
  backwardInput(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array,
    outputGradient: Float32Array,
    inputGradient: Float32Array | null,
    pending: Uint8Array,
    scratch: Uint8Array,
  ): void;

  /**
   * The second part, W: overwrites `parameterGradient` with what `backward` gives, bit for bit.
   * Returns a bound as `backward` does.
   */
  backwardWeights(
    saved: Uint8Array,
    pending: Uint8Array,
    parameterGradient: Float32Array,
    scratch: Uint8Array,
  ): number;

  /**
   * The backward pass and the update in one: destination = source - learningRate x gradient, and
   * moving statistics move at their own rate. A runtime has it if that saves a pass over memory.
   * `destination` may be `source`, and `source` may be `parameters` or not.
   *
   * Returns a bound as `backward` does. If `admitsGradient` (execute/gradient-bounds.ts) does not
   * admit it, `destination` must not be used, but holds only finite values.
   */
  backwardUpdate?(
    parameters: Float32Array,
    input: Float32Array,
    saved: Uint8Array,
    outputGradient: Float32Array,
    inputGradient: Float32Array | null,
    source: Float32Array,
    destination: Float32Array,
    learningRate: number,
    scratch: Uint8Array,
  ): number;

  /** Frees what the runtime holds outside the caller's buffers. */
  dispose(): void;
}

/**
 * What a program is for. `learn`: batch normalisation uses the statistics of the batch, with
 * `saved` or without. `predict`: it uses the moving ones; such a program only runs forward, with
 * `saved` null.
 */
export type ProgramMode = "learn" | "predict";

/** Compiles stages; `native` (oneDNN through kernels-cuda) and `tfjs` implement it. */
export interface Runtime {
  readonly name: string;
  /** One line for people: library, version, instruction set or backend. */
  readonly description: string;
  /** Bytes of working space beyond activations and gradients that one layer needs. */
  layerScratchBytes(layer: Layer, batch: number): number;
  /** @param mode default `learn`. */
  /** Compiles layers that follow one another into a program for batches of one size. */
  compile(layers: readonly Layer[], batch: number, mode?: ProgramMode): StageProgram;
}
