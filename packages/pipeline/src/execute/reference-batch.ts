import { InputError } from "../errors.js";
import { align64, elementCount } from "../model/shape.js";
import type { Model } from "../model/spec.js";
import type { Batch, LearningAlgorithm } from "./algorithm.js";

/** A batch whose size is known when it is composed. */
export type ReferenceBatch = Batch & { readonly x: Float32Array };

/**
 * Bytes of an input slot: the inputs that are learned, behind them the samples for
 * `regulariseWhole`, which travel with them:
 *
 * ```
 * [ learnBatch x inputLength ][ referenceBatch x inputLength ][ referenceBatch labels ]
 * ```
 */
export function inputSlotBytes(
  { inputShape }: Pick<Model, "inputShape">,
  { learnBatch, referenceBatch = 0 }: Pick<LearningAlgorithm, "learnBatch" | "referenceBatch">,
): number {
  const inputLength = elementCount(inputShape);
  return align64(4 * (learnBatch * inputLength + referenceBatch * (inputLength + 1)));
}

/** Those samples of the slot that begins with the inputs `x`. */
export function referenceIn(
  x: Float32Array,
  inputLength: number,
  referenceBatch: number,
): ReferenceBatch {
  const start = x.byteOffset + x.byteLength;
  const length = referenceBatch * inputLength;
  return {
    x: new Float32Array(x.buffer, start, length),
    labels: new Int32Array(x.buffer, start + 4 * length, referenceBatch),
    size: 0,
  };
}

/** @throws InputError where `compose` did not give a number of samples that it may give, or no classes. */
export function checkReference(
  { size, labels }: Batch,
  { name = "the algorithm", referenceBatch = 0 }: LearningAlgorithm,
  classes: number,
  item: number,
): void {
  if (!(Number.isInteger(size) && size >= 0 && size <= referenceBatch))
    throw new InputError(
      `Expected 0 to ${referenceBatch} samples (its referenceBatch) in the reference that compose of ` +
        `${name} wrote for item ${item} but received ${String(size)}; there is no room for more`,
    );
  for (let sample = 0; sample < size; sample++) {
    const label = labels[sample] as number;
    if (label < 0 || label >= classes)
      throw new InputError(
        `Expected classes from 0 to ${classes - 1} for the labels of the reference that compose of ` +
          `${name} wrote for item ${item} but received ${label} for sample ${sample}; ` +
          "see where it takes them from",
      );
  }
}
