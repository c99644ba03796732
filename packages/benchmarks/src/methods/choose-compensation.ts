import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import { type CompensationChoice, InputError, type Plan } from "@ferret-ocl/planner";
import { type Goal, RunPlanner } from "../plan-run.js";
import type { Learning, MethodRequest } from "./contract.js";
import { pipelineCompensator } from "./pipeline-compensator.js";
import { engineOverheads } from "./wall-clock.js";

/** What `auto` chooses from; the less work and state, the more of what is late is lost. */
const choices = ["delay-adaptive", "rank-one", "secant"] as const;
/** The same where steps are not those of plain descent, which `rank-one` reckons with. */
const choicesBehindOthers = ["none", "secant"] as const;
const choicesFor = (optimizer = "sgd"): readonly string[] =>
  optimizer === "sgd" ? choices : choicesBehindOthers;

/** Where gradients are late by less than this many updates on average, repairing them is no use. */
const nearlyFresh = 0.5;

/** Share of the adaptation rate without compensation that a plan for R must reach with `secant`. */
const worthwhile = 0.8;

/** A compensation by name, and the planner that counts its state. */
export interface ChosenCompensation {
  readonly compensation: string;
  readonly planner: RunPlanner;
  /** Of a budget by name that was raised to the least: what it would be. */
  readonly raisedFrom?: number | undefined;
}

/**
 * Plans with the compensation that is asked for, or lets the plan choose it: its state is memory that
 * could hold workers' weight versions and activations instead.
 *
 * @throws InputError of the planner where no plan fits.
 */
export function chooseCompensation(request: MethodRequest, learning: Learning): ChosenCompensation {
  const { compensation, objective, optimizer } = request.setting;
  if (objective === "paper") return chooseForRate(request, learning);
  if (compensation !== "auto")
    return { compensation, planner: planWith(request, learning, [compensation]) };
  const planner = planAmong(request, learning, choicesFor(optimizer));
  if (planner.plans.every(isNearlyFresh)) {
    // What repairs nothing has no state to plan for.
    const bare = planWith(request, learning, ["none"]);
    if (bare.plans.every(isNearlyFresh)) return { compensation: "none", planner: bare };
  }
  return { compensation: planner.first.plan.compensation as string, planner };
}

/** For most progress, see `expectedProgress` of the planner. */
function planWith(
  request: MethodRequest,
  learning: Learning,
  names: readonly string[],
): RunPlanner {
  const { kernels } = request.machinery;
  const compensations = names.map((name) => choiceOf(name, kernels));
  return makePlanner(request, learning, { objective: "progress", compensations });
}

/** What changes later must fit as well: where it does not, with less state. */
function planAmong(
  request: MethodRequest,
  learning: Learning,
  names: readonly string[],
): RunPlanner {
  try {
    return planWith(request, learning, names);
  } catch (error) {
    if (!(error instanceof InputError) || names.length === 1) throw error;
    return planAmong(request, learning, names.slice(0, -1));
  }
}

function choiceOf(
  name: string,
  kernels: MethodRequest["machinery"]["kernels"],
): CompensationChoice {
  const compensator = pipelineCompensator(name, kernels);
  const { stateVectors, stalenessCost = uncompensated, takesGroups = true } = compensator;
  return { name, vectors: stateVectors, stalenessCost, takesGroups };
}

/** What `auto` chooses from, and what it takes where nothing is late. */
export const usualChoices = (optimizer: string): CompensationChoice[] =>
  choicesFor(optimizer).map((name) => choiceOf(name, referenceKernels));
export const bareChoices = (): CompensationChoice[] => [choiceOf("none", referenceKernels)];

/** A compensation that nobody has measured counts as none. */
const uncompensated = createCompensator("none").stalenessCost as number;

/** Whether gradients are hardly late, so that `auto` repairs none. */
export const isNearlyFresh = ({ prediction }: Plan): boolean =>
  prediction?.staleness.every((updates) => updates < nearlyFresh) === true;

/**
 * For the adaptation rate (Ferret, arXiv 2503.12053, Eq. 1 and 3), which sees no staleness: where the
 * best plan with `secant` has much less of it than the best one without, or none fits, without. A
 * budget by name is that of the plan without.
 */
function chooseForRate(request: MethodRequest, learning: Learning): ChosenCompensation {
  const { compensation } = request.setting;
  const planFor = (name: string, memoryBudget = request.setting.memoryBudget) => {
    const { vectors } = choiceOf(name, request.machinery.kernels);
    return makePlanner(request, learning, { compensation: name }, { vectors, memoryBudget });
  };
  if (compensation !== "auto") return { compensation, planner: planFor(compensation) };
  const without = planFor("none");
  const { plan, budget, raisedFrom } = without.first;
  // What changes later must fit as well.
  const best = unlessItFails(() => planFor("secant", budget ?? "none"));
  const pays = best && !best.plans.every(isNearlyFresh);
  return pays && best.first.plan.adaptationRate >= worthwhile * plan.adaptationRate
    ? { compensation: "secant", planner: best, raisedFrom }
    : { compensation: "none", planner: without, raisedFrom };
}

function makePlanner(
  { setting, arrivalInterval }: MethodRequest,
  { profile, overheads }: Learning,
  goal: Goal,
  { vectors = 0, memoryBudget = setting.memoryBudget } = {},
): RunPlanner {
  return new RunPlanner(
    { ...setting, memoryBudget },
    profile,
    { ...engineOverheads(setting, overheads), compensationVectors: vectors },
    arrivalInterval,
    goal,
  );
}

/** Undefined where the input does not allow it. */
function unlessItFails<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
