import { createCompensator } from "@ferret-ocl/compensation";
import {
  type Admission,
  type ChoiceRule,
  createOneStageLearner,
  type Ledger,
  learnTimes,
  predictOneStageMemory,
  startThreadsOneStageLearner,
} from "@ferret-ocl/pipeline/engine";
import { paperMemory } from "@ferret-ocl/planner";
import type { StreamLearner } from "../learners/contract.js";
import { lateLabelsOf, withLabelDelay } from "../learners/label-delay.js";
import { threaded } from "../learners/threaded.js";
import { virtual } from "../learners/virtual.js";
import { optimizerOf } from "../optimizer.js";
import type { RunSetting } from "../setting.js";
import type { Learning, MethodRequest, Prepared } from "./contract.js";
import { engineOverheads, threadsSettings } from "./on-threads.js";

/** Gradients are never stale, so no repair is paid for. */
const compensation = "none";

/**
 * B and N: the most items that wait, and items learned at once. Ours: the paper gives no values.
 */
export const skipSizes = { waiting: 8, atOnce: 4 };

/** Batch skip, by what it chooses of the items that wait. */
export function batchSkip(rule: ChoiceRule, { batchSkip = skipSizes }: RunSetting): Admission {
  return { kind: "batch-skip", ...batchSkip, rule };
}

/** A method that learns with the whole model at once, without a pipeline, by what it admits. */
export function prepareOneStage(request: MethodRequest, admission: Admission): Prepared {
  const { setting, model } = request;
  const atOnce = admission.kind === "batch-skip" ? admission.atOnce : 1;
  const learnings = Array.from({ length: atOnce }, (_, index) => request.learning(index + 1));
  const { profile, needs, overheads } = learnings[atOnce - 1] as Learning;
  const start = setting.engine === "threads" ? threadsLearner : virtualLearner;
  return {
    plan: null,
    budget: null,
    planned: predictOneStageMemory({
      model,
      profile,
      admission,
      algorithm: needs,
      overheads: engineOverheads(setting, overheads),
    }),
    paperMemory: paperMemory(profile, [0], [{ recompute: false, accumulate: [1], omit: [0] }]),
    compensation,
    start: (ledger) => start(request, learnings, admission, ledger),
  };
}

function virtualLearner(
  request: MethodRequest,
  learnings: readonly Learning[],
  admission: Admission,
  ledger: Ledger,
): StreamLearner {
  const { setting, model, machinery, initialParameters, arrivalInterval, onWarning } = request;
  const { runtime, kernels } = machinery;
  const { seed, learningRate } = setting;
  const { create, profile } = learnings.at(-1) as Learning;
  const learner = createOneStageLearner({
    model,
    runtime,
    ledger,
    kernels,
    algorithm: create(ledger),
    compensator: createCompensator(compensation, {}, kernels),
    optimizer: optimizerOf(setting, kernels),
    profile,
    admission,
    learnTimes: learnings.map((learning) => learnTimes(learning.profile)),
    seed,
    learningRate,
    initialParameters,
    arrivalInterval,
    onWarning,
  });
  const late = lateLabelsOf(request, ledger);
  const delayed = late ? withLabelDelay(learner, late, admission.kind === "every") : learner;
  return virtual(delayed, request);
}

async function threadsLearner(
  request: MethodRequest,
  learnings: readonly Learning[],
  admission: Admission,
  ledger: Ledger,
): Promise<StreamLearner> {
  const late = lateLabelsOf(request, ledger);
  const settings = threadsSettings(request, learnings.at(-1) as Learning, compensation);
  const learner = await startThreadsOneStageLearner({ ...settings, admission, ledger });
  return threaded(learner, request.setting.threads, late);
}
