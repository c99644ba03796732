import { checkCommon } from "../../check-options.js";
import { outlineOf } from "../../course/admission.js";
import { checkAdmission, oneStagePartition, oneStageWorkers } from "../plan/one-stage-plan.js";
import { LearnerOnThreads, startOnThreads } from "./learner-on-threads.js";
import type { ThreadsLearnerBase, ThreadsOneStageLearnerOptions } from "./threads-contract.js";

/**
 * Starts a learner on worker threads that trains the whole model at once, as
 * `createOneStageLearner` does on the virtual clock: one thread learns while others predict. If
 * every item is admitted, the stream waits for it, whatever the pace.
 *
 * @throws InputError if the buffers do not fit the ledger's budget, a part cannot be created, or an
 *   option is out of range.
 */
export async function startThreadsOneStageLearner(
  options: ThreadsOneStageLearnerOptions,
): Promise<ThreadsLearnerBase> {
  checkCommon(options);
  const { admission } = options;
  checkAdmission(admission);
  const course = { kind: "one-stage", ...outlineOf(admission) } as const;
  const arrivalInterval = admission.kind === "every" ? null : options.arrivalInterval;
  const settings = { ...options, arrivalInterval };
  const run = await startOnThreads(
    settings,
    { partition: oneStagePartition, workers: oneStageWorkers, course },
    { admission },
  );
  return new LearnerOnThreads(settings, run);
}
