import { expected } from "../errors.js";

/**
 * What is minimised, by the names that Keras has in JavaScript: the cross entropy of a softmax with
 * class labels (classification), or the mean over samples and outputs of squared errors
 * (regression).
 */
export type Loss = "sparseCategoricalCrossentropy" | "meanSquaredError";

const losses: readonly Loss[] = ["sparseCategoricalCrossentropy", "meanSquaredError"];

/** @throws InputError unless it is a loss, or undefined: the default, cross entropy. */
export function checkLoss(loss: unknown): asserts loss is Loss | undefined {
  if (loss !== undefined && !losses.some((known) => known === loss))
    throw expected(`one of ${losses.join(", ")}`, "loss", loss);
}

/** Whether targets are predicted rather than classes. */
export function isRegression({ loss }: { readonly loss?: Loss | undefined }): boolean {
  return loss === "meanSquaredError";
}
