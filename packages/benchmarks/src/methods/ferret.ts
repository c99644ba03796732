import {
  createLearner,
  type Ledger,
  startRealtimeLearner,
  type TimedAction,
} from "@ferret-ocl/pipeline";
import type { StreamLearner } from "../learners/contract.js";
import { lateLabelsOf, withLabelDelay } from "../learners/label-delay.js";
import { threaded } from "../learners/threaded.js";
import { virtual } from "../learners/virtual.js";
import { optimizerOf } from "../optimizer.js";
import { type ChosenCompensation, chooseCompensation } from "./choose-compensation.js";
import type { Learning, Method, MethodRequest } from "./contract.js";
import { pipelineCompensator } from "./pipeline-compensator.js";
import { wallClockSettings } from "./wall-clock.js";

const budgetLabels: Readonly<Record<string, string>> = {
  min: "Ferret M-",
  "2bw": "Ferret M",
  none: "Ferret M+",
};

export const ferret: Method = {
  summary: "the asynchronous pipeline of the paper, planned under a memory budget",
  label: ({ memoryBudget }) => budgetLabels[memoryBudget] ?? "Ferret",
  isPlanned: true,
  runsOnThreads: true,
  prepare(request) {
    const { engine } = request.setting;
    const learning = request.learning(1);
    const chosen = chooseCompensation(request, learning);
    const { compensation, planner } = chosen;
    const { plan, budget, raisedFrom } = planner.first;
    return {
      plan,
      budget,
      raisedFrom: chosen.raisedFrom ?? raisedFrom ?? null,
      planned: plan.memory,
      paperMemory: plan.paperMemory,
      compensation,
      start: (ledger) =>
        engine === "realtime"
          ? realtimeLearner(request, learning, chosen, ledger)
          : virtualLearner(request, learning, chosen, ledger),
    };
  },
};

function virtualLearner(
  request: MethodRequest,
  { create, profile }: Learning,
  { compensation, planner }: ChosenCompensation,
  ledger: Ledger,
): StreamLearner {
  const { setting, model, machinery, initialParameters, tracedItems } = request;
  const { runtime, kernels } = machinery;
  const { seed, learningRate } = setting;
  const algorithm = create(ledger);
  const compensator = pipelineCompensator(compensation, kernels);
  const machine = { model, runtime, ledger, kernels, algorithm, compensator };
  const actions: TimedAction[] = [];
  const learner = createLearner({
    ...machine,
    optimizer: optimizerOf(setting, kernels),
    learningRate,
    seed,
    initialParameters,
    profile,
    plan: planner.first.plan,
    ...setting.units,
    onWarning: request.onWarning,
    onAction: (action) => {
      if (action.item < tracedItems) actions.push(action);
    },
  });
  const late = lateLabelsOf(request, ledger);
  const delayed = late ? withLabelDelay(learner, late, false) : learner;
  return {
    ...virtual(delayed, request, actions),
    replan(change) {
      const { computeUnits } = change;
      const units = computeUnits === undefined ? {} : { units: { computeUnits } };
      learner.replan({ plan: planner.after(change), ...units });
    },
    switches: () => learner.switches(),
  };
}

async function realtimeLearner(
  request: MethodRequest,
  learning: Learning,
  { compensation, planner }: ChosenCompensation,
  ledger: Ledger,
): Promise<StreamLearner> {
  const { threads } = request.setting;
  const late = lateLabelsOf(request, ledger);
  const learner = await startRealtimeLearner({
    ...wallClockSettings(request, learning, compensation),
    plan: planner.first.plan,
    ledger,
  });
  return {
    ...threaded(learner, threads, late),
    replan: (change) => learner.replan({ plan: planner.after(change) }),
    switches: () => learner.switches(),
  };
}
