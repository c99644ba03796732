import type { MemoryCategory } from "@ferret-ocl/planner";
import { isRegression } from "../model/loss.js";
import { elementCount } from "../model/shape.js";
import type { Model } from "../model/spec.js";
import type { ChoiceRule } from "./choice.js";
import { waitingBytes } from "./waiting-items.js";

/**
 * Which items are taken in by a learner whose model is one stage:
 *
 * ```
 * every      all of them: no time passes while it learns, or the stream waits for it
 * when-idle  the one that comes while it is idle (1-Skip)
 * batch-skip of those that wait, so many as one batch, see `BatchSkip`
 * ```
 */
export type Admission = { readonly kind: "every" } | { readonly kind: "when-idle" } | BatchSkip;

/** The newest items that were not learned wait, and are chosen among when the learner is idle. */
export interface BatchSkip {
  readonly kind: "batch-skip";
  /** B: the most items that wait. */
  readonly waiting: number;
  /** N: the most items that are learned at once, up to B. */
  readonly atOnce: number;
  readonly rule: ChoiceRule;
}

/** What the threads of a run must know about an admission; survives a structured clone. */
export interface AdmissionOutline {
  readonly atOnce: number;
  /** Whether the samples of a batch have weights in the loss. */
  readonly weighs: boolean;
  /** Whether the thread that delivers the items computes with the model while others learn. */
  readonly asksModel: boolean;
}

export function outlineOf(admission: Admission): AdmissionOutline {
  if (admission.kind !== "batch-skip") return { atOnce: 1, weighs: false, asksModel: false };
  const { atOnce, rule } = admission;
  return { atOnce, weighs: rule.weighs === true, asksModel: rule.asksModel === true };
}

/** Bytes that an admission takes besides the model and the algorithm, by category. */
export function admissionBytes(
  admission: Admission,
  model: Model,
  batch: number,
): Partial<Record<MemoryCategory, number>> {
  if (admission.kind !== "batch-skip") return {};
  const { waiting, rule } = admission;
  const inputLength = elementCount(model.inputShape);
  const own = rule.bytes?.({ model, batch, waiting }) ?? {};
  const outputs = isRegression(model) ? model.classes : undefined;
  const waits = waitingBytes({ capacity: waiting, batch, inputLength, outputs });
  const queue = waits + (own.queue ?? 0);
  return { ...own, queue };
}
