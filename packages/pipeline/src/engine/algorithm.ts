/** Samples that are learned or predicted together; arrays may be longer than `size` asks for. */
export interface Batch {
  /** size x inputLength values. */
  readonly x: Float32Array;
  readonly labels: Int32Array;
  size: number;
}

/** What the pipeline asks of a learning algorithm; those of ocl-algorithms satisfy it. */
export interface LearningAlgorithm {
  /** The most samples that `compose` writes. */
  readonly learnBatch: number;
  /** Writes the batch to learn when `item` is admitted and gives its size. */
  compose(item: Batch, target: Batch): number;
  /**
   * Loss of the batch; writes its gradient at the logits, size x classes. `gradient` may be the
   * very array of `logits`.
   */
  loss(logits: Float32Array, labels: Int32Array, size: number, gradient: Float32Array): number;
  /** Adds a penalty's gradient for one stage, at the newest parameters. */
  regularise?(stage: number, gradient: Float32Array, parameters: Float32Array): void;
}
