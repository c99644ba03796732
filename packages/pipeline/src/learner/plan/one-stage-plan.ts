import {
  type MemoryCategory,
  type MemoryPrediction,
  type Overheads,
  type Profile,
  predictMemory,
  type WorkerConfiguration,
} from "@ferret-ocl/planner";
import { checkFunction, checkRecord } from "../../check-options.js";
import { type Admission, admissionBytes, outlineOf } from "../../course/admission.js";
import { expected } from "../../errors.js";
import type { LearningAlgorithm } from "../../execute/algorithm.js";
import { align64 } from "../../model/shape.js";
import type { Model } from "../../model/spec.js";

/** The whole model as one stage, no technique. */
export const oneStagePartition: readonly number[] = [0];
export const oneStageWorkers: readonly WorkerConfiguration[] = [
  { recompute: false, accumulate: [1], omit: [0] },
];

/** Milliseconds that the whole model takes for a batch that is learned. */
export interface LearnTimes {
  readonly forward: number;
  /** Forward and backward pass. */
  readonly both: number;
}

/** Of the batch that a profile is of. */
export function learnTimes({ layers }: Profile): LearnTimes {
  return {
    forward: layers.reduce((sum, { forwardTime }) => sum + forwardTime, 0),
    both: layers.reduce((sum, layer) => sum + layer.forwardTime + layer.backwardTime, 0),
  };
}

/** What the memory of a learner of one stage is predicted from. */
export interface OneStageRequest {
  readonly model: Model;
  /** Of the most items that are learned at once. */
  readonly profile: Profile;
  readonly admission: Admission;
  readonly algorithm: Pick<LearningAlgorithm, "targetLength" | "learnsTargets">;
  /** Of algorithm, optimizer and threads; what an admission takes comes on top. */
  readonly overheads: Overheads;
}

/** The peak of the ledger, to the byte, of a learner of one stage. */
export function predictOneStageMemory({
  model,
  profile,
  admission,
  algorithm: { targetLength = 0, learnsTargets = false },
  overheads,
}: OneStageRequest): MemoryPrediction {
  const { weighs, asksModel } = outlineOf(admission);
  // A label, where there are any, what the algorithm adds, and a weight.
  const labelLength = (learnsTargets ? 0 : 1) + targetLength + 1;
  const { executorCount, arrivalSlots } = overheads;
  const { total, byCategory } = predictMemory(
    weighs ? { ...profile, labelBytes: align64(4 * profile.learnBatch * labelLength) } : profile,
    oneStagePartition,
    oneStageWorkers,
    {
      ...overheads,
      queueLength: 0,
      // On threads whoever brings the items computes beside them.
      executorCount: executorCount + (arrivalSlots > 0 && asksModel ? 1 : 0),
    },
  );
  const sum = { ...byCategory };
  let added = 0;
  for (const [category, bytes] of Object.entries(
    admissionBytes(admission, model, profile.batch),
  ) as [MemoryCategory, number][]) {
    sum[category] += bytes;
    added += bytes;
  }
  return { total: total + added, byCategory: sum };
}

/** @throws InputError where it is none, or there are not as many times as items at once. */
export function checkAdmission(admission: Admission, times?: readonly LearnTimes[]): void {
  checkRecord(admission, "admission");
  const { kind } = admission;
  if (kind !== "every" && kind !== "when-idle" && kind !== "batch-skip")
    throw expected("every, when-idle or batch-skip", "admission.kind", kind);
  if (kind === "batch-skip") {
    const { waiting, atOnce, rule } = admission;
    if (!(Number.isInteger(waiting) && waiting >= 1))
      throw expected("a whole number of at least 1", "admission.waiting", waiting);
    if (!(Number.isInteger(atOnce) && atOnce >= 1 && atOnce <= waiting))
      throw expected(`a whole number from 1 to ${waiting}`, "admission.atOnce", atOnce);
    checkRecord(rule, "admission.rule");
    checkFunction(rule.create, "admission.rule.create");
  }
  if (times === undefined || kind === "every") return;
  const { atOnce } = outlineOf(admission);
  if (!Array.isArray(times) || times.length < atOnce)
    throw expected(`times of learning 1 to ${atOnce} items`, "learnTimes", times);
  times.forEach(({ forward, both }, index) => {
    if (!(forward >= 0 && both >= forward && Number.isFinite(both)))
      throw expected("milliseconds, forward at most both,", `learnTimes[${index}]`, both);
  });
}
