import type { TimedAction } from "@ferret-ocl/pipeline";
import {
  type ChosenCompensation,
  createVirtualLearner,
  giveParts,
  type LearnerState,
  type Ledger,
  pipelineCompensator,
  startThreadsLearner,
  takeParts,
} from "@ferret-ocl/pipeline/engine";
import { type BudgetedPlan, formatBytes, type Plan } from "@ferret-ocl/planner";
import type { StreamLearner } from "../learners/contract.js";
import { type LateLabels, lateLabelsOf, withLabelDelay } from "../learners/label-delay.js";
import { threaded } from "../learners/threaded.js";
import { virtual } from "../learners/virtual.js";
import { optimizerOf } from "../optimizer.js";
import type { RunPlanner } from "../plan-run.js";
import { formatTime } from "../report/format.js";
import type { ComputeUnits } from "../setting.js";
import type { Learning, Method, MethodRequest } from "./contract.js";
import { threadsSettings } from "./on-threads.js";
import { planCompensated } from "./plan-compensated.js";

const budgetLabels: Readonly<Record<string, string>> = {
  min: "Ferret M-",
  "2bw": "Ferret M",
  none: "Ferret M+",
};

export const ferret: Method = {
  summary: "the asynchronous pipeline of the paper, planned under a memory budget",
  label: ({ memoryBudget }) => budgetLabels[memoryBudget] ?? "Ferret",
  isPlanned: true,
  isSaved: true,
  prepare(request) {
    const { engine } = request.setting;
    const learning = request.learning(1);
    const chosen = planCompensated(request, learning);
    const { compensation, planned: planner } = chosen;
    const { plan, budget, raisedFrom } = planner.first;
    const notice = hungry(planner.first, request);
    if (notice) request.onWarning?.(notice);
    return {
      plan,
      budget,
      raisedFrom: chosen.raisedFrom ?? raisedFrom ?? null,
      planned: plan.memory,
      paperMemory: plan.paperMemory,
      compensation,
      start: (ledger) =>
        engine === "threads"
          ? threadsLearner(request, learning, chosen, ledger)
          : virtualLearner(request, learning, chosen, ledger),
    };
  },
};

/** Without a budget, more bytes than this, and this many times the model's own, are reported. */
const plenty = 2 ** 28;
const manyTimes = 64;

/** A sentence for a plan that takes very much memory because it was given no limit. */
function hungry(
  { plan: { memory, workerCount }, budget }: BudgetedPlan,
  { arrivalInterval }: MethodRequest,
): string | null {
  const { total, byCategory } = memory;
  if (budget !== null || total < plenty || total < manyTimes * byCategory.parameters) return null;
  return (
    `Without a memory budget, ${workerCount} workers that keep up with an item every ` +
    `${formatTime(arrivalInterval)} take ${formatBytes(total)}; limit that with --memory-budget, ` +
    "such as --memory-budget 2bw, or let items come further apart"
  );
}

function virtualLearner(
  request: MethodRequest,
  { create, profile }: Learning,
  { compensation, planned: planner }: ChosenCompensation<RunPlanner>,
  ledger: Ledger,
): StreamLearner {
  const { setting, model, machinery, initialParameters, tracedItems } = request;
  const { runtime, kernels } = machinery;
  const { seed, learningRate } = setting;
  const algorithm = create(ledger);
  const compensator = pipelineCompensator(compensation, kernels);
  const machine = { model, runtime, ledger, kernels, algorithm, compensator };
  const actions: TimedAction[] = [];
  let plan = planAt(request, planner, ledger);
  const learner = createVirtualLearner({
    ...machine,
    optimizer: optimizerOf(setting, kernels),
    learningRate,
    seed,
    initialParameters,
    profile,
    plan,
    ...unitsAt(request),
    state: request.state,
    onWarning: request.onWarning,
    onAction: (action) => {
      if (action.item < tracedItems) actions.push(action);
    },
  });
  const late = lateLabelsOf(request, ledger);
  giveLate(late, request);
  const delayed = late ? withLabelDelay(learner, late, false) : learner;
  return {
    ...virtual(delayed, request, actions),
    plan: () => plan,
    replan(change) {
      const { computeUnits } = change;
      const units = computeUnits === undefined ? {} : { units: { computeUnits } };
      plan = planner.after(change);
      learner.replan({ plan, ...units });
    },
    switches: () => learner.switches(),
    save: () => withLate(learner.save(), late),
  };
}

async function threadsLearner(
  request: MethodRequest,
  learning: Learning,
  { compensation, planned: planner }: ChosenCompensation<RunPlanner>,
  ledger: Ledger,
): Promise<StreamLearner> {
  const { threads } = request.setting;
  const late = lateLabelsOf(request, ledger);
  let plan = planAt(request, planner, ledger);
  const learner = await startThreadsLearner({
    ...threadsSettings(request, learning, compensation),
    plan,
    ledger,
    state: request.state,
  });
  giveLate(late, request);
  return {
    ...threaded(learner, threads, late),
    plan: () => plan,
    async replan(change) {
      const next = planner.after(change);
      await learner.replan({ plan: next });
      plan = next;
    },
    switches: () => learner.switches(),
    save: async () => withLate(await learner.save(), late),
  };
}

/** The plan that a run begins with, or was saved under; the ledger is held to its budget. */
function planAt({ state }: MethodRequest, { first }: RunPlanner, ledger: Ledger): Plan {
  if (!state) return first.plan;
  const { plan } = state.facts;
  ledger.limit(plan.memoryBudget);
  return plan;
}

/** The compute units that it begins with, or had when it was saved. */
function unitsAt({ itemsBefore = 0, setting: { units, changes } }: MethodRequest): ComputeUnits {
  const last = changes.findLast(
    ({ at, computeUnits }) => at < itemsBefore && computeUnits !== undefined,
  );
  return last ? { computeUnits: last.computeUnits as number } : units;
}

const lateLabels = "late-labels";

/** Items that wait for their labels are a part of the state. */
function withLate({ facts, tensors }: LearnerState, late: LateLabels | null): LearnerState {
  if (!late) return { facts, tensors };
  const all = new Map(tensors);
  takeParts(all, lateLabels, late.parts);
  return { facts, tensors: all };
}

function giveLate(late: LateLabels | null, { state }: MethodRequest): void {
  if (late && state) giveParts(state.tensors, lateLabels, late.parts);
}
