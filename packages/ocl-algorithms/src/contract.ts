/** Samples that are learned together; arrays may be longer than `size` asks for. */
export interface Batch {
  /** size x inputLength values, sample after sample. */
  readonly x: Float32Array;
  /** Class of each sample, 0 .. classes - 1. */
  readonly labels: Int32Array;
  size: number;
}

/** What an algorithm must know of the stream it learns from. */
export interface AlgorithmShape {
  /** Most samples of an item as it arrives. */
  readonly batch: number;
  /** Values of one sample. */
  readonly inputLength: number;
  readonly classes: number;
}

/** Gives a zeroed buffer for a purpose; a training stack that counts memory passes its own. */
export type Allocate = (
  category: "replay" | "algorithm",
  bytes: number,
) => ArrayBuffer | SharedArrayBuffer;

/**
 * An online continual learning algorithm: what is learned from an item, and with what loss. It
 * never sees the model, so it works under any trainer, pipelined or not.
 *
 * Under a pipeline the calls interleave: `compose` for item k + 1 may come before `loss` for item
 * k, and gradients may be stale. An algorithm must not rely on one following the other.
 */
export interface OclAlgorithm {
  readonly name: string;
  /** The most samples that `compose` writes. */
  readonly learnBatch: number;
  /** Bytes that it holds, each buffer rounded up to 64. */
  readonly memoryBytes: { readonly replay: number; readonly algorithm: number };

  /**
   * Writes the batch to learn when `item` is taken in and gives its size. `item` is only read;
   * `target` has room for `learnBatch` samples.
   */
  compose(item: Batch, target: Batch): number;

  /**
   * Mean loss of a composed batch; writes its gradient at the logits.
   *
   * @param logits [size, classes]
   * @param gradient [size, classes]; may be the very array of `logits`.
   */
  loss(logits: Float32Array, labels: Int32Array, size: number, gradient: Float32Array): number;

  /**
   * Adds the gradient of a penalty on the parameters of one part (stage) of the model.
   *
   * @param gradient [parameterCount], changed in place.
   * @param parameters [parameterCount], the newest; only read.
   */
  regularise?(stage: number, gradient: Float32Array, parameters: Float32Array): void;

  /** Everything needed to go on later, as plain data (structured clone). */
  save(): unknown;
  /** Takes back what `save` of an algorithm of the same shape and options gave. */
  restore(saved: unknown): void;
}

/** Settings; each algorithm reads its own. */
export interface AlgorithmOptions {
  /** Seed of every random draw. */
  readonly seed: number;
  /** Samples replayed beside an item; default 16. */
  readonly replay?: number;
  /** Samples that a replay buffer holds; default 500. */
  readonly capacity?: number;
  /** Default: plain ArrayBuffers. */
  readonly allocate?: Allocate;
}
