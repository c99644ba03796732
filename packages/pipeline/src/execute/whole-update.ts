import { InputError } from "../errors.js";
import type { Batch, LearningAlgorithm, ModelAccess } from "./algorithm.js";
import { largestMagnitude } from "./gradient-bounds.js";

/**
 * Calls `regulariseWhole` of an algorithm, with the reference samples of the flight whose gradient it
 * is. Updates of one stage come one after the other, so that all executors share what `model` works in.
 */
export class WholeUpdates {
  readonly #algorithm: LearningAlgorithm;
  readonly #update: { reference: Batch; readonly model: ModelAccess };
  #item = -1;

  constructor(algorithm: LearningAlgorithm, model: ModelAccess) {
    this.#algorithm = algorithm;
    const nothing = { x: new Float32Array(0), labels: new Int32Array(0), size: 0 };
    this.#update = { reference: nothing, model };
  }

  /** The gradient that is taken in next is of this item. */
  begin(item: number, reference: Batch): void {
    this.#item = item;
    this.#update.reference = reference;
  }

  /** @throws InputError where the algorithm makes a gradient that is not finite. */
  regularise(gradient: Float32Array, parameters: Float32Array): void {
    this.#algorithm.regulariseWhole?.(gradient, parameters, this.#update);
    const largest = largestMagnitude(gradient);
    if (Number.isFinite(largest)) return;
    const { name = "the algorithm" } = this.#algorithm;
    throw new InputError(
      `Expected finite gradients from regulariseWhole of ${name} for item ${this.#item} but received ` +
        `${largest} among them; see what it divides by`,
    );
  }
}

/**
 * @throws InputError where an algorithm needs the gradient of all parameters at once, and the model is
 * cut into stages.
 */
export function checkOneStage(
  { regulariseWhole, name = "the algorithm" }: LearningAlgorithm,
  partition: readonly number[],
  place = "partition",
): void {
  if (regulariseWhole === undefined || partition.length === 1) return;
  throw new InputError(
    `Expected one stage, [0], for ${place} with ${name}, whose regulariseWhole takes the gradient of all ` +
      `parameters at once, but received ${partition.length}: [${partition.join(", ")}]; plan with the partition ` +
      "[0], or take an algorithm that has regularise alone",
  );
}

/** What is fixed of plans for an algorithm: the partition, where it needs whole gradients. */
export function partitionFor({ regulariseWhole }: LearningAlgorithm): {
  readonly partition?: readonly number[];
} {
  return regulariseWhole ? { partition: [0] } : {};
}
