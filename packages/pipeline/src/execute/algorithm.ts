/** Samples that are learned or predicted together; arrays may be longer than `size` asks for. */
export interface Batch {
  /** size x inputLength values. */
  readonly x: Float32Array;
  /** Class of each sample; not read in regression. */
  readonly labels: Int32Array;
  /** In regression: size x outputs values that are to be predicted. */
  readonly targets?: Float32Array;
  size: number;
}

/**
 * A batch to be composed; `targets` holds `targetLength` values per sample for the loss. In
 * regression the samples' own targets come first, [learnBatch, outputs], and `labels` is empty.
 */
export interface ComposedBatch extends Batch {
  readonly targets: Float32Array;
}

/** What a loss reads from the batch that is learned. */
export interface LearnedBatch {
  readonly labels: Int32Array;
  readonly targets: Float32Array;
  readonly size: number;
}

/**
 * The model, for algorithms that compute with it while they compose. All parameters are one vector,
 * layer by layer. Nothing here changes the model or allocates.
 */
export interface ModelAccess {
  /** Copies the newest parameters. */
  readParameters(target: Float32Array): void;
  /** Logits [size, classes] of x [size, inputLength]. */
  logits(parameters: Float32Array, x: Float32Array, size: number, target: Float32Array): void;
  /**
   * Gradient at `parameters` of a function of the logits; `atLogits` writes the function's gradient
   * over the logits.
   */
  gradient(
    parameters: Float32Array,
    x: Float32Array,
    size: number,
    atLogits: (logits: Float32Array) => void,
    target: Float32Array,
  ): void;
}

/** What the pipeline requires of a learning algorithm; those of ocl-algorithms satisfy it. */
export interface LearningAlgorithm {
  /** For messages. */
  readonly name?: string;
  /** The most samples that `compose` writes. */
  readonly learnBatch: number;
  /** Values per sample that `compose` writes and `loss` reads; default 0. */
  readonly targetLength?: number;
  /** Whether it was made for regression: `targetLength` counts the samples' own targets then. */
  readonly learnsTargets?: boolean;
  /**
   * Samples that `compose` takes through the model for each item: forward, forward and backward;
   * default none.
   */
  readonly passes?: { readonly forward: number; readonly backward: number };
  /** With `attach`: the most samples that it passes to `ModelAccess` at once. */
  readonly modelBatch?: number;
  /** Gives it the model, before the first `compose`. */
  attach?(model: ModelAccess): void;
  /** Writes the batch to learn when `item` is admitted and returns its size. */
  compose(item: Batch, target: ComposedBatch): number;
  /**
   * Loss of the batch; writes its gradient at the logits, size x classes. `gradient` may be the
   * same array as `logits`.
   */
  loss(logits: Float32Array, batch: LearnedBatch, gradient: Float32Array): number;
  /** Adds a penalty's gradient for a part of the parameters that begins at `offset`. */
  regularise?(offset: number, gradient: Float32Array, parameters: Float32Array): void;
}
