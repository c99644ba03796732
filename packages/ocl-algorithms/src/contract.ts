/** Samples; arrays may be longer than `size` asks for. */
export interface Batch {
  /** size x inputLength values, sample after sample. */
  readonly x: Float32Array;
  /** Class of each sample, 0 .. classes - 1; not read in regression. */
  readonly labels: Int32Array;
  /** In regression: size x outputs values that are to be predicted. */
  readonly targets?: Float32Array;
  size: number;
}

/** What a loss reads from the batch that is learned. */
export interface LearnedBatch {
  readonly labels: Int32Array;
  /**
   * size x targetLength values that `compose` has written, such as a teacher's logits. In
   * regression the samples' own targets come first, [learnBatch, outputs].
   */
  readonly targets: Float32Array;
  readonly size: number;
}

/** A batch to be composed: samples, and what their loss will need. */
export interface ComposedBatch extends Batch {
  /** learnBatch x targetLength values; old ones until they are written. */
  readonly targets: Float32Array;
  /**
   * Room for `referenceBatch` samples beside those that are learned, for `regulariseWhole`, with
   * size 0; there where the algorithm asks for it.
   */
  readonly reference?: Batch;
}

/** A layer of the model, as an algorithm may name it. */
export interface LayerOutline {
  readonly name: string;
  /** Values of one sample's output. */
  readonly length: number;
}

/** What an algorithm must know about the stream that it learns from and about the model. */
export interface AlgorithmShape {
  /** The most samples in an item as it arrives. */
  readonly batch: number;
  /** Values of one sample. */
  readonly inputLength: number;
  /** Classes, each of which has a logit; in regression, the outputs of the model. */
  readonly classes: number;
  /** Parameters of the model, layer by layer in one vector. */
  readonly parameterCount: number;
  /** Given in regression alone; the default is softmax cross entropy on class labels. */
  readonly loss?: "meanSquaredError";
  /** From the first one to the one that gives the logits; for algorithms that read features. */
  readonly layers?: readonly LayerOutline[];
}

/**
 * Kernels on float32 vectors of equal length, for the work that an algorithm has with all parameters;
 * those of `@ferret-ocl/kernels-cuda` are some. An algorithm must do without them, too.
 */
export interface AlgorithmKernels {
  /** `destination = source - learningRate gradient`; `destination` may be `source` or `gradient`. */
  sgd(
    destination: Float32Array,
    source: Float32Array,
    gradient: Float32Array,
    learningRate: number,
  ): void;
  /** Sum of squares in double precision: finite if all values are. */
  squaredNorm(gradient: Float32Array): number;
  /** `average += rate (|gradient| - average)` */
  magnitudeAverage?(average: Float32Array, gradient: Float32Array, rate: number): void;
  /** `gradient += min(factor stiffness, most) (parameters - anchor)` */
  pull?(
    gradient: Float32Array,
    parameters: Float32Array,
    anchor: Float32Array,
    stiffness: Float32Array,
    factor: number,
    most: number,
  ): void;
}

/**
 * The model, for algorithms that compute with it while they compose. All parameters are one vector,
 * layer by layer. Nothing here changes the model or allocates.
 */
export interface ModelAccess {
  /** Where there are some. */
  readonly kernels?: AlgorithmKernels;
  /** Copies the newest parameters, [parameterCount]. */
  readParameters(target: Float32Array): void;
  /** Logits [size, classes] of x [size, inputLength], size at most `modelBatch`. */
  logits(parameters: Float32Array, x: Float32Array, size: number, target: Float32Array): void;
  /**
   * Gradient [parameterCount] at `parameters` of a function of the logits. `atLogits` gets the
   * logits [size, classes] and writes the function's gradient over them.
   */
  gradient(
    parameters: Float32Array,
    x: Float32Array,
    size: number,
    atLogits: (logits: Float32Array) => void,
    target: Float32Array,
  ): void;
  /**
   * `target = parameters - learningRate g`, g being the gradient that `gradient` gives, where that is
   * at hand with a pass over memory less. A step that is too large to be one leaves the parameters.
   */
  descend?(
    parameters: Float32Array,
    x: Float32Array,
    size: number,
    atLogits: (logits: Float32Array) => void,
    target: Float32Array,
    learningRate: number,
  ): void;
  /**
   * Outputs [size, length of the layer] of the layer that the algorithm names in `features`, as
   * predictions have them, of x [size, inputLength], size at most `modelBatch`.
   */
  features(parameters: Float32Array, x: Float32Array, size: number, target: Float32Array): void;
}

/** What the newest weights make of samples that are predicted; only read. */
export interface ModelOutputs {
  /** size x classes values, all of them finite. */
  readonly logits: Float32Array;
  /** size x the length of the layer; empty where the algorithm has no `features`. */
  readonly features: Float32Array;
  readonly size: number;
}

/** What `regulariseWhole` is told beside the gradient. */
export interface WholeUpdate {
  /** What `compose` wrote to `reference` with the batch whose gradient it is. */
  readonly reference: Batch;
  /**
   * The model, as `attach` hands it over; gradients and logits of at most `modelBatch` samples, with
   * whatever parameters: those that are about to change are `parameters`. What a model gives that has
   * run away may not be finite: leave the gradient as it is then.
   */
  readonly model: ModelAccess;
}

/** Returns a zeroed buffer for a purpose; a training stack that counts memory passes its own. */
export type Allocate = (
  category: "replay" | "algorithm",
  bytes: number,
) => ArrayBuffer | SharedArrayBuffer;

/**
 * An online continual learning algorithm: what is learned from an item, and with which loss.
 *
 * In a pipeline the calls interleave: `compose` for item k + 1 may come before `loss` for item k,
 * and gradients may be stale. An algorithm must not rely on one following the other.
 *
 * On threads `attach` and `compose` run on one thread, `loss`, `regularise`, `regulariseWhole` and
 * `predict` on others, on separate objects that were created with the same buffers: what one writes
 * and another reads must be in memory from `allocate`.
 */
export interface OclAlgorithm {
  readonly name: string;
  /** The most samples that `compose` writes. */
  readonly learnBatch: number;
  /** Values per sample that `compose` writes and `loss` reads; default 0: labels are enough. */
  readonly targetLength?: number;
  /**
   * Whether it was made for regression: `compose` writes the samples' targets first, [learnBatch,
   * outputs], which `targetLength` counts, and no labels. Default false.
   */
  readonly learnsTargets?: boolean;
  /** Bytes that it holds, each buffer rounded up to 64. */
  readonly memoryBytes: { readonly replay: number; readonly algorithm: number };
  /**
   * Samples that `compose` and `regulariseWhole` take through the model for each item, on average:
   * forward alone, and forward and backward. What that costs in time and memory is planned for.
   * Default none.
   */
  readonly passes?: { readonly forward: number; readonly backward: number };
  /** With `attach` or `regulariseWhole`: the most samples that it passes to `ModelAccess` at once. */
  readonly modelBatch?: number;
  /**
   * Asks for the outputs of a layer, in `ModelAccess.features` and in `predict`. `layer`: its name;
   * default the one before the last, whose outputs are the last one's inputs. See `featureLengthOf`.
   */
  readonly features?: { readonly layer?: string };
  /** The most samples that `compose` writes to `reference`, for `regulariseWhole`; default 0. */
  readonly referenceBatch?: number;

  /** Gives it the model, before the first `compose`; optional. */
  attach?(model: ModelAccess): void;

  /**
   * Writes the batch to learn when `item` is taken in and returns its size. `item` is only read;
   * `target` has room for `learnBatch` samples.
   */
  compose(item: Batch, target: ComposedBatch): number;

  /**
   * Mean loss of a composed batch; writes its gradient at the logits.
   *
   * @param logits [size, classes]
   * @param gradient [size, classes]; may be the same array as `logits`.
   */
  loss(logits: Float32Array, batch: LearnedBatch, gradient: Float32Array): number;

  /**
   * Adds the gradient of a penalty on the parameters of one part (stage) of the model; optional.
   *
   * @param offset where the part begins in the vector of all parameters.
   * @param gradient [length of the part], changed in place.
   * @param parameters [length of the part], the newest; only read.
   * @param kernels where there are some; the same computation otherwise.
   */
  regularise?(
    offset: number,
    gradient: Float32Array,
    parameters: Float32Array,
    kernels?: AlgorithmKernels,
  ): void;

  /**
   * Changes the gradient of all parameters at once before its update, such as by a projection;
   * optional. An algorithm that has it is planned on one stage, with any number of workers: each of
   * them computes whole gradients, repaired if they are late, and one after the other comes here. A
   * plan of more stages is refused.
   *
   * @param gradient [parameterCount], changed in place; of the batch's mean loss.
   * @param parameters [parameterCount], the newest, which the update will change; only read.
   */
  regulariseWhole?(gradient: Float32Array, parameters: Float32Array, update: WholeUpdate): void;

  /**
   * Its own prediction in place of the logits, optional: predictions, observations and all that is
   * counted of them use it. Changes nothing else.
   *
   * @param scores [size, classes], to be written; may be the very array of `outputs.logits`. The
   *   class with the largest score is predicted, and the softmax of the scores is returned as
   *   probabilities: negate a distance; the logarithm of a probability is a score; -Infinity rules a
   *   class out, but not all of them. It is not called if the logits are not finite, as in a model
   *   that has diverged.
   */
  predict?(outputs: ModelOutputs, scores: Float32Array): void;

  /**
   * A copy of everything needed to continue later, as bytes that name the algorithm, its shape and
   * its options and can be checked; `AlgorithmState` writes them. Store them in a file, or in JSON
   * as base64: `Buffer.from(saved).toString("base64")`, back with `Buffer.from(text, "base64")`.
   */
  save(): Uint8Array;
  /**
   * Takes back what `save` of an algorithm with the same name, shape and options returned; the seed
   * may differ.
   * @throws InputError for anything else, before it has changed anything.
   */
  restore(saved: Uint8Array): void;
}

/** Which samples a replay buffer keeps. */
export type BufferKind = "reservoir" | "balanced" | "ring";

/** How the losses of an item and of what is replayed with it are joined; see `replayLoss`. */
export type ReplayLoss = "mean" | "sum";

/** When a snapshot of the model is taken; see `snapshotAt`. */
export type SnapshotAt = "boundary" | "interval" | "plateau";

/**
 * How inputs that were bytes were scaled, so that they can be stored as bytes: `true` for b / 255,
 * otherwise by channel (the last axis) `(b / 255 - mean) / deviation`; `false` if they were not
 * bytes.
 */
export type Pixels =
  | boolean
  | { readonly mean: readonly number[]; readonly deviation: readonly number[] };

/** Settings; each algorithm reads its own. */
export interface AlgorithmOptions {
  /** Seed of every random draw. */
  readonly seed: number;
  /** Default: plain ArrayBuffers. */
  readonly allocate?: Allocate | undefined;

  /** er, mir. Samples replayed with an item; default 16. */
  readonly replay?: number | undefined;
  /** er, mir. Samples that the replay buffer holds; default 500. */
  readonly capacity?: number | undefined;
  /** er, mir. Which samples it keeps; default `reservoir`. */
  readonly buffer?: BufferKind | undefined;
  /** er, mir. Stores inputs that were bytes as bytes; default false. */
  readonly pixels?: Pixels | undefined;

  /**
   * er, mir. `mean`: one mean loss over the item and what is replayed; `sum`: a mean over each, added.
   * Default mean, of mir sum.
   */
  readonly replayLoss?: ReplayLoss | undefined;

  /** mir. Samples of the buffer that are scored for an item; default 50. */
  readonly candidates?: number | undefined;
  /** mir, mas. The learning rate of the training; default 0.05. */
  readonly learningRate?: number | undefined;

  /** lwf. Weight of the teacher's term; default 3, in regression 1. */
  readonly alpha?: number | undefined;
  /** lwf. Temperature of the teacher's term; default 2; not in regression. */
  readonly temperature?: number | undefined;
  /** mas. Weight of the penalty; default 3. */
  readonly lambda?: number | undefined;
  /**
   * lwf, mas. When the teacher, or the anchor, is taken: at task boundaries as the loss tells them
   * (default), or else of lwf at an `interval` of items, of mas at each `plateau` of the loss.
   */
  readonly snapshotAt?: SnapshotAt | undefined;
  /**
   * lwf, mas. Items before the first teacher, or anchor; default 100, 50. Not with boundaries.
   */
  readonly warmUp?: number | undefined;
  /**
   * lwf, mas. Items to the next teacher, or (at most) to the next anchor; default 100, 500. Not with
   * boundaries.
   */
  readonly refresh?: number | undefined;
}

/** A setting of some algorithms, in addition to what the run itself provides. */
export type AlgorithmSetting = Exclude<keyof AlgorithmOptions, "seed" | "allocate">;
