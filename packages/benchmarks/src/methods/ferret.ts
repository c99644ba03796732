import { createCompensator } from "@ferret-ocl/compensation";
import {
  arrivalSlots,
  createLearner,
  type Ledger,
  startRealtimeLearner,
  type TimedAction,
} from "@ferret-ocl/pipeline";
import type { StreamLearner } from "../learners/contract.js";
import { lateLabelsOf, withLabelDelay } from "../learners/label-delay.js";
import { virtual } from "../learners/virtual.js";
import { RunPlanner } from "../plan-run.js";
import type { Learning, Method, MethodRequest } from "./contract.js";

const budgetLabels: Readonly<Record<string, string>> = {
  min: "Ferret M-",
  "2bw": "Ferret M",
  none: "Ferret M+",
};

export const ferret: Method = {
  summary: "the asynchronous pipeline of the paper, planned under a memory budget",
  label: ({ memoryBudget }) => budgetLabels[memoryBudget] ?? "Ferret",
  isPlanned: true,
  prepare(request) {
    const { setting, machinery, arrivalInterval } = request;
    const { compensation, threads } = setting;
    const realtime = setting.engine === "realtime";
    const learning = request.learning(1);
    const { stateVectors } = createCompensator(compensation, {}, machinery.kernels);
    const overheads = {
      ...learning.overheads,
      executorCount: realtime ? threads : 1,
      compensationVectors: stateVectors,
      queueLength: 1,
      arrivalSlots: realtime ? arrivalSlots(threads) : 0,
    };
    const planner = new RunPlanner(setting, learning.profile, overheads, arrivalInterval);
    const { plan, budget } = planner.first;
    return {
      plan,
      budget,
      planned: plan.memory,
      paperMemory: plan.paperMemory,
      compensation,
      start: (ledger) =>
        realtime
          ? realtimeLearner(request, learning, planner, ledger)
          : virtualLearner(request, learning, planner, ledger),
    };
  },
};

function virtualLearner(
  request: MethodRequest,
  { create, profile }: Learning,
  planner: RunPlanner,
  ledger: Ledger,
): StreamLearner {
  const { setting, model, machinery, initialParameters, tracedItems } = request;
  const { runtime, kernels } = machinery;
  const { seed, learningRate } = setting;
  const algorithm = create(ledger);
  const compensator = createCompensator(setting.compensation, {}, kernels);
  const machine = { model, runtime, ledger, kernels, algorithm, compensator };
  const actions: TimedAction[] = [];
  const learner = createLearner({
    ...machine,
    learningRate,
    seed,
    initialParameters,
    profile,
    plan: planner.first.plan,
    ...setting.units,
    onAction: (action) => {
      if (action.item < tracedItems) actions.push(action);
    },
  });
  const late = lateLabelsOf(request, ledger);
  const delayed = late ? withLabelDelay(learner, late, false) : learner;
  return {
    ...virtual(delayed, request.onPrediction, actions),
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
  { reference, options, profile }: Learning,
  planner: RunPlanner,
  ledger: Ledger,
): Promise<StreamLearner> {
  const { setting, model, machinery, arrivalInterval } = request;
  const learner = await startRealtimeLearner({
    model,
    profile,
    plan: planner.first.plan,
    ledger,
    threads: setting.threads,
    runtime: machinery.choice,
    algorithm: reference,
    algorithmOptions: { ...options },
    compensator: {
      module: import.meta.resolve("@ferret-ocl/compensation"),
      export: "createCompensator",
      arguments: [setting.compensation, {}],
    },
    learningRate: setting.learningRate,
    seed: setting.seed,
    initialParameters: request.initialParameters,
    arrivalInterval: setting.arrival === "max" ? null : arrivalInterval,
    onPrediction: (_, correct) => request.onPrediction(correct),
    tracedItems: request.tracedItems,
  });
  const late = lateLabelsOf(request, ledger);
  return {
    async observe(item) {
      await (late ? learner.observe(item, late.labelled) : learner.observe(item));
      late?.push(item);
    },
    finish: () => learner.finish(),
    evaluate: (item) => learner.evaluate(item),
    predict: (item) => learner.predict(item),
    parameters: () => learner.parameters(),
    actions: () => learner.actions(),
    replan: (change) => learner.replan({ plan: planner.after(change) }),
    switches: () => learner.switches(),
    metrics: () => learner.metrics(),
    realtime: () => {
      const { mostLate, effort } = learner.metrics();
      return { threads: setting.threads, mostLate, ...effort };
    },
    dispose: () => learner.dispose(),
  };
}
