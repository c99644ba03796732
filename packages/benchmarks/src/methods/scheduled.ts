import { planSchedule, type SchedulePlan, type TimedAction } from "@ferret-ocl/pipeline";
import {
  createScheduledLearner,
  type Ledger,
  pipelineCompensator,
  startThreadsScheduledLearner,
} from "@ferret-ocl/pipeline/engine";
import { mostStages } from "@ferret-ocl/planner";
import type { StreamLearner } from "../learners/contract.js";
import { lateLabelsOf, withLabelDelay } from "../learners/label-delay.js";
import { threaded } from "../learners/threaded.js";
import { virtual } from "../learners/virtual.js";
import { optimizerOf } from "../optimizer.js";
import type { Learning, Method, MethodRequest } from "./contract.js";
import { engineOverheads, threadsSettings } from "./on-threads.js";

/** Devices where the setting names no number and the model can be cut into as many stages. */
const usualStages = 4;

/** Gradients are applied as they are: these schedules know no repair of stale ones. */
const compensation = "none";

/**
 * A method that plays one of the pipeline's fixed schedules; an item of the stream is a micro-batch.
 *
 * @param schedule its name in `@ferret-ocl/pipeline`.
 */
export function scheduled(schedule: string, label: string, summary: string): Method {
  return {
    summary,
    label: () => label,
    isPlanned: false,
    takesStages: true,
    prepare(request) {
      const { setting } = request;
      const learning = request.learning(1);
      const { profile } = learning;
      const stages = setting.stages ?? Math.min(usualStages, mostStages(profile));
      const overheads = engineOverheads(setting, learning.overheads);
      const microbatches = setting.microbatches ?? stages;
      const plan = planSchedule(profile, schedule, stages, microbatches, overheads);
      const start = setting.engine === "threads" ? threadsLearner : virtualLearner;
      return {
        plan: null,
        schedule: plan,
        budget: null,
        planned: plan.memory,
        paperMemory: null,
        compensation,
        start: (ledger) => start(request, learning, plan, ledger),
      };
    },
  };
}

function virtualLearner(
  request: MethodRequest,
  { create, profile }: Learning,
  plan: SchedulePlan,
  ledger: Ledger,
): StreamLearner {
  const { setting, model, machinery, initialParameters, arrivalInterval } = request;
  const { runtime, kernels } = machinery;
  const { seed, learningRate } = setting;
  const actions: TimedAction[] = [];
  const learner = createScheduledLearner({
    model,
    runtime,
    ledger,
    kernels,
    algorithm: create(ledger),
    compensator: pipelineCompensator(compensation, kernels),
    optimizer: optimizerOf(setting, kernels),
    profile,
    plan,
    seed,
    learningRate,
    initialParameters,
    arrivalInterval,
    onWarning: request.onWarning,
    onAction: (action) => {
      if (action.item < request.tracedItems) actions.push(action);
    },
  });
  const late = lateLabelsOf(request, ledger);
  const delayed = late ? withLabelDelay(learner, late, false) : learner;
  return virtual(delayed, request, actions);
}

async function threadsLearner(
  request: MethodRequest,
  learning: Learning,
  plan: SchedulePlan,
  ledger: Ledger,
): Promise<StreamLearner> {
  const late = lateLabelsOf(request, ledger);
  const settings = threadsSettings(request, learning, compensation);
  const learner = await startThreadsScheduledLearner({ ...settings, plan, ledger });
  return threaded(learner, request.setting.threads, late);
}
