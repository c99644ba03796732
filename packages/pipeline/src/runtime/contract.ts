import type { Layer } from "../model/layer.js";

/**
 * A stage compiled for one batch size. It works only in buffers that the caller hands it and
 * allocates nothing per call where the runtime allows it.
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
   * @param draw tells what Dropout layers drop, a whole number from 0 (default) to 2^53: an item's, so
   *   that its forward pass done again drops the same.
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
   * Gradients of the loss at the stage's parameters and input, from the gradient at its output
   * and from `input` and `saved` of the forward pass. `parameterGradient` is overwritten; where
   * `parameters` holds moving statistics, it receives (moving - batch statistic).
   * `outputGradient` is used as working space: its content is undefined afterwards.
   * `inputGradient` may be the very buffer of `input`; null skips it (a first stage needs none).
   *
   * Gives a bound on the magnitudes in `parameterGradient`; infinite or no number where one of them
   * is. Where that is cheaper it follows from bounds on the factors of products.
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
   * The backward pass in two, for schedules that put the parameters' gradients off (Qi et al. 2023,
   * arXiv 2401.10241). This one, B, gives the gradient at the input, on which the stage before
   * waits, and overwrites `pending` with what the other one reads. From then on only `saved` and
   * `pending` must stay as they are.
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
   * The other one, W: overwrites `parameterGradient` with what `backward` gives, bit for bit. Gives a
   * bound as that does.
   */
  backwardWeights(
    saved: Uint8Array,
    pending: Uint8Array,
    parameterGradient: Float32Array,
    scratch: Uint8Array,
  ): number;

  /**
   * The backward pass and the update in one: destination = source - learningRate x gradient, and
   * moving statistics move by their own rate. A runtime has it where that spares a pass over
   * memory. `destination` may be `source`, and `source` may be `parameters` or not.
   *
   * Gives a bound as `backward` does, which `admitsGradient` (execute/gradient-bounds.ts) may not admit:
   * then `destination` is of no use, yet holds nothing that is not finite.
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

/** Compiles stages; `native` (oneDNN through kernels-cuda) and `tfjs` satisfy it. */
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
