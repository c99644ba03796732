import { createCompensator } from "@ferret-ocl/compensation";
import { createScheduledLearner, planSchedule, type TimedAction } from "@ferret-ocl/pipeline";
import { mostStages } from "@ferret-ocl/planner";
import { lateLabelsOf, withLabelDelay } from "../learners/label-delay.js";
import { virtual } from "../learners/virtual.js";
import type { Method } from "./contract.js";

/** Devices where the setting names no number and the model can be cut into as many stages. */
const usualStages = 4;

/**
 * A method that plays one of the pipeline's fixed schedules; an item of the stream is a micro-batch.
 * Gradients are applied as they are: these schedules know no repair of stale ones.
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
      const { setting, model, machinery, initialParameters, arrivalInterval } = request;
      const { runtime, kernels } = machinery;
      const { seed, learningRate } = setting;
      const { profile, overheads, create } = request.learning(1);
      const stages = setting.stages ?? Math.min(usualStages, mostStages(profile));
      const plan = planSchedule(profile, schedule, stages, setting.microbatches ?? stages, {
        ...overheads,
        queueLength: 1,
      });
      return {
        plan: null,
        schedule: plan,
        budget: null,
        planned: plan.memory,
        paperMemory: null,
        compensation: "none",
        start(ledger) {
          const algorithm = create(ledger);
          const compensator = createCompensator("none", {}, kernels);
          const machine = { model, runtime, ledger, kernels, algorithm, compensator };
          const actions: TimedAction[] = [];
          const learner = createScheduledLearner({
            ...machine,
            profile,
            plan,
            seed,
            learningRate,
            initialParameters,
            arrivalInterval,
            onAction: (action) => {
              if (action.item < request.tracedItems) actions.push(action);
            },
          });
          const late = lateLabelsOf(request, ledger);
          const delayed = late ? withLabelDelay(learner, late, false) : learner;
          return virtual(delayed, request.onPrediction, actions);
        },
      };
    },
  };
}
