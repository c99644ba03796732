import { expected, InputError } from "../errors.js";
import type { LearningAlgorithm } from "./algorithm.js";

/** More samples at once are a slip of the pen: an item of a stream has some dozens. */
const mostSamples = 65_536;

/**
 * Checks what a learning algorithm says of itself, before memory is taken for it.
 * @throws InputError that names the member which is missing or out of its range.
 */
export function checkAlgorithm(algorithm: LearningAlgorithm): void {
  if (typeof algorithm !== "object" || algorithm === null)
    throw expected("a learning algorithm, an object,", "algorithm", algorithm);
  const { learnBatch, targetLength = 0, modelBatch = 0, referenceBatch = 0, passes } = algorithm;
  checkSamples(learnBatch, "learnBatch of the algorithm");
  checkCount(targetLength, "targetLength of the algorithm");
  checkCount(modelBatch, "modelBatch of the algorithm");
  checkCount(referenceBatch, "referenceBatch of the algorithm");
  for (const name of ["forward", "backward"] as const) {
    const number = passes?.[name] ?? 0;
    if (!(number >= 0 && Number.isFinite(number)))
      throw expected("a number of at least 0", `passes.${name} of the algorithm`, number);
  }
  for (const name of ["compose", "loss", ...optionalHooks] as const) {
    const isOptional = optionalHooks.some((hook) => hook === name);
    const member: unknown = algorithm[name];
    if (typeof member !== "function" && !(isOptional && member === undefined))
      throw expected("a function", `${name} of the algorithm`, member);
  }
  checkFeatures(algorithm.features);
}

const optionalHooks = ["attach", "regularise", "regulariseWhole", "predict"] as const;

function checkFeatures(features: unknown): void {
  if (features === undefined) return;
  if (typeof features !== "object" || features === null)
    throw expected("an object such as { layer } or {}", "features of the algorithm", features);
  const { layer } = features as { readonly layer?: unknown };
  if (layer !== undefined && typeof layer !== "string")
    throw expected("the name of a layer", "features.layer of the algorithm", layer);
}

/** @throws InputError unless it is a number of samples that are computed with at once. */
export function checkSamples(count: unknown, name: string): void {
  if (!(Number.isInteger(count) && (count as number) >= 1 && (count as number) <= mostSamples))
    throw expected(`a whole number of samples from 1 to ${mostSamples}`, name, count);
}

function checkCount(count: unknown, name: string): void {
  if (!(Number.isInteger(count) && (count as number) >= 0 && (count as number) <= mostSamples))
    throw expected(`a whole number from 0 to ${mostSamples}`, name, count);
}

/** @throws InputError where `compose` did not give a number of samples that it may give. */
export function checkComposed(size: unknown, learnBatch: number): number {
  if (Number.isInteger(size) && (size as number) >= 1 && (size as number) <= learnBatch)
    return size as number;
  throw new InputError(
    `Expected compose of the algorithm to give the number of samples that it wrote, 1 to ${learnBatch} ` +
      `(its learnBatch), but received ${String(size)}; the batch has no room for more`,
  );
}
