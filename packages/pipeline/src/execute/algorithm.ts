import type { VectorKernels } from "@ferret-ocl/compensation";

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
  /** Room for `referenceBatch` samples for `regulariseWhole`; of size 0 before it is composed. */
  readonly reference?: Batch;
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
  /** Kernels on vectors, for the work that an algorithm has with all parameters. */
  readonly kernels?: VectorKernels;
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
  /** target = parameters - learningRate x that gradient; the parameters where it is no step. */
  descend?(
    parameters: Float32Array,
    x: Float32Array,
    size: number,
    atLogits: (logits: Float32Array) => void,
    target: Float32Array,
    learningRate: number,
  ): void;
  /** Outputs [size, its length] of the layer that `features` names. */
  features(parameters: Float32Array, x: Float32Array, size: number, target: Float32Array): void;
}

/** What the newest weights make of samples that are predicted. */
export interface ModelOutputs {
  /** size x classes values. */
  readonly logits: Float32Array;
  /** size x the length of the layer; empty where the algorithm has no `features`. */
  readonly features: Float32Array;
  readonly size: number;
}

/** What `regulariseWhole` is told beside the gradient. */
export interface WholeUpdate {
  /** What `compose` wrote to `reference` with the batch whose gradient it is. */
  readonly reference: Batch;
  /** For at most `modelBatch` samples at once. */
  readonly model: ModelAccess;
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
   * Samples that `compose` and `regulariseWhole` take through the model for each item: forward,
   * forward and backward; default none.
   */
  readonly passes?: { readonly forward: number; readonly backward: number };
  /** With `attach` or `regulariseWhole`: the most samples that it passes to `ModelAccess` at once. */
  readonly modelBatch?: number;
  /** The layer whose outputs it reads; default the one before the last. */
  readonly features?: { readonly layer?: string };
  /** The most samples that `compose` writes to `reference`; default 0. */
  readonly referenceBatch?: number;
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
  regularise?(
    offset: number,
    gradient: Float32Array,
    parameters: Float32Array,
    kernels?: VectorKernels,
  ): void;
  /** Changes the gradient of all parameters before its update, on a plan of one stage. */
  regulariseWhole?(gradient: Float32Array, parameters: Float32Array, update: WholeUpdate): void;
  /**
   * Its own prediction in place of the logits: writes scores [size, classes], of which the largest is
   * the class predicted and whose softmax are the probabilities. `scores` may be the very array of
   * `outputs.logits`.
   */
  predict?(outputs: ModelOutputs, scores: Float32Array): void;
  /** A copy of all that it needs to go on later; with `restore`, for checkpoints. */
  save?(): Uint8Array;
  /** Goes on from what `save` of one made in the same way gave; throws for anything else. */
  restore?(saved: Uint8Array): void;
}
