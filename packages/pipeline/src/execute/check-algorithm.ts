import { expected, InputError } from "../errors.js";
import { isRegression } from "../model/loss.js";
import type { Model } from "../model/spec.js";
import type { LearningAlgorithm } from "./algorithm.js";
import { badTarget } from "./check-targets.js";

/** More samples at once are a mistake: an item of a stream has some dozens. */
const mostSamples = 65_536;

/**
 * Checks what a learning algorithm says about itself, before memory is taken for it, and that it
 * learns what the model is trained for.
 * @throws InputError that names the member that is missing or out of range.
 */
export function checkAlgorithm(
  algorithm: LearningAlgorithm,
  model?: Pick<Model, "loss" | "classes">,
): void {
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
  if (model) checkPurpose(algorithm, model);
  checkFeatures(algorithm.features);
}

/** @throws InputError where one of both is for classes and the other for targets. */
function checkPurpose(
  {
    learnsTargets = false,
    targetLength = 0,
    referenceBatch = 0,
    name = "the algorithm",
  }: LearningAlgorithm,
  model: Pick<Model, "loss" | "classes">,
): void {
  const predictsValues = isRegression(model);
  if (learnsTargets !== predictsValues)
    throw new InputError(
      predictsValues
        ? `Expected an algorithm that learns targets with loss "meanSquaredError" but ${name} learns ` +
            "classes; take one that does, such as vanilla or er"
        : `Expected an algorithm that learns classes but ${name} was made for regression; give the ` +
            'model the loss "meanSquaredError", or make the algorithm without it',
    );
  if (predictsValues && targetLength < model.classes)
    throw expected(
      `at least ${model.classes}, the outputs of the model,`,
      "targetLength of the algorithm",
      targetLength,
      "it counts the samples' own targets",
    );
  if (predictsValues && referenceBatch > 0)
    throw expected(
      '0, with loss "meanSquaredError",',
      "referenceBatch of the algorithm",
      referenceBatch,
      "a reference has labels and no targets",
    );
}

const optionalHooks = ["attach", "regularise", "regulariseWhole", "predict"] as const;

function checkFeatures(features: unknown): void {
  if (features === undefined) return;
  if (typeof features !== "object" || features === null)
    throw expected("an object such as { layer } or {}", "features of the algorithm", features);
  const { layer, ...rest } = features as { readonly layer?: unknown };
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw expected("layer alone, or nothing,", "a field of features of the algorithm", unknown);
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

/** @throws InputError if `compose` did not return a valid number of samples. */
export function checkComposed(size: unknown, learnBatch: number): number {
  if (Number.isInteger(size) && (size as number) >= 1 && (size as number) <= learnBatch)
    return size as number;
  throw new InputError(
    "Expected compose of the algorithm to return the number of samples that it wrote, 1 to " +
      `${learnBatch} (its learnBatch), but received ${String(size)}; the batch has no room for ` +
      "more",
  );
}

/** @throws InputError where `compose` wrote a target that is not finite. */
export function checkComposedTargets(
  targets: Float32Array,
  size: number,
  outputs: number,
  algorithm: string,
  item: number,
): void {
  const bad = badTarget(targets, size * outputs, outputs);
  if (bad !== null)
    throw new InputError(
      `Expected finite targets from compose of ${algorithm} for item ${item} but received ${bad} of ` +
        "its batch; see where it takes them from",
    );
}
