import {
  type Compensator,
  createCompensator,
  referenceKernels,
  type VectorKernels,
} from "@ferret-ocl/compensation";
import {
  type BudgetedPlan,
  type CompensationChoice,
  InputError,
  lesserRefusal,
  type NamedBudget,
  type Plan,
  type PlanRequest,
} from "@ferret-ocl/planner";

import { pipelineCompensator } from "./pipeline-compensator.js";

/** What plans of a run are chosen for, and which compensations they may use. */
export type PlanningGoal = Pick<
  PlanRequest,
  "objective" | "compensation" | "compensations" | "optimizer"
>;

/** What `auto` chooses from; the less time and state one takes, the less it repairs. */
const choices = ["delay-adaptive", "rank-one", "secant"] as const;
/**
 * The same if steps are not those of plain descent, which `rank-one` assumes; nor does a gradient
 * that `delay-adaptive` has shortened make Adam's steps shorter. With Adam both learned no more than
 * `none` on the same plans, see the README of the planner. With momentum plans were not compared;
 * there, and without a pipeline, each recovered 0.4 % of what late gradients cost, and `secant` 51 %,
 * see the README of compensation.
 */
const choicesBehindOthers = ["none", "secant"] as const;
const choicesFor = (optimizer: string): readonly string[] =>
  optimizer === "sgd" ? choices : choicesBehindOthers;

/** Compensators that a run may end up with, by name; `none` takes no time and is left out. */
export function mayCompensate({
  compensation,
  objective,
  optimizer,
}: Pick<CompensationRequest<RunPlans>, "compensation" | "objective" | "optimizer">): string[] {
  const named = compensation === "auto" ? undefined : [compensation];
  const chosen = objective === "paper" ? ["secant"] : choicesFor(optimizer);
  return (named ?? chosen).filter((name) => name !== "none");
}

/** If gradients are late by less than this many updates on average, repairing them is useless. */
const nearlyFresh = 0.5;

/** Share of the adaptation rate without compensation that a plan for R must reach with `secant`. */
const worthwhile = 0.8;

/** The plan that a run begins with, and those that it will change to. */
export interface RunPlans {
  readonly first: BudgetedPlan;
  readonly plans: readonly Plan[];
}

/** The request by which a compensation is chosen. */
export interface CompensationRequest<Plans extends RunPlans> {
  /** A compensator by name, or `auto`. */
  readonly compensation: string;
  readonly objective: "progress" | "paper";
  /** Name of the optimizer. */
  readonly optimizer: string;
  readonly memoryBudget: number | NamedBudget;
  readonly kernels: VectorKernels;
  /**
   * Plans the run.
   * @param vectors that the compensator keeps, if the goal does not say.
   * @throws InputError if no plan fits.
   */
  plan(goal: PlanningGoal, vectors: number, memoryBudget: number | NamedBudget): Plans;
}

/** A compensation by name, and the plans that count its state. */
export interface ChosenCompensation<Plans extends RunPlans> {
  readonly compensation: string;
  readonly planned: Plans;
  /** If a named budget was raised to the least: what it would have been. */
  readonly raisedFrom?: number | undefined;
}

/**
 * Plans with the compensation that is asked for, or lets the plan choose it: its state is memory
 * that could hold workers' weight versions and activations instead.
 *
 * @throws InputError of the planner if no plan fits.
 */
export function chooseCompensation<Plans extends RunPlans>(
  request: CompensationRequest<Plans>,
): ChosenCompensation<Plans> {
  const { compensation, objective, optimizer } = request;
  if (objective === "paper") return chooseForRate(request);
  if (compensation !== "auto") return { compensation, planned: planWith(request, [compensation]) };
  const planned = planAmong(request, choicesFor(optimizer));
  if (planned.plans.every(isNearlyFresh)) {
    // A compensation that repairs nothing has no state to plan for.
    const bare = planWith(request, ["none"]);
    if (bare.plans.every(isNearlyFresh)) return { compensation: "none", planned: bare };
  }
  return { compensation: planned.first.plan.compensation as string, planned };
}

/** For the most progress, see `expectedProgress` of the planner. */
function planWith<Plans extends RunPlans>(
  request: CompensationRequest<Plans>,
  names: readonly string[],
): Plans {
  const { kernels, optimizer, memoryBudget } = request;
  const compensations = names.map((name) => choiceOf(name, kernels, optimizer));
  return request.plan({ objective: "progress", compensations, optimizer }, 0, memoryBudget);
}

/** Later changes must fit as well: if they do not, with less state. */
function planAmong<Plans extends RunPlans>(
  request: CompensationRequest<Plans>,
  names: readonly string[],
): Plans {
  try {
    return planWith(request, names);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (names.length > 1) return planAmong(request, names.slice(0, -1));
    if (names[0] === "none") throw error;
    // The least state, then no time either.
    try {
      return planWith(request, ["none"]);
    } catch (bare) {
      throw lesserRefusal(error, bare);
    }
  }
}

function choiceOf(name: string, kernels: VectorKernels, optimizer = "sgd"): CompensationChoice {
  const compensator = pipelineCompensator(name, kernels);
  const { stateVectors, takesGroups = true } = compensator;
  const stalenessCost =
    costOf(compensator, optimizer) ?? (costOf(uncompensated, optimizer) as number);
  return { name, vectors: stateVectors, stalenessCost, takesGroups };
}

/** A compensation that has not been measured counts as `none`. */
const costOf = ({ stalenessCost, stalenessCostBehind }: Compensator, optimizer: string) =>
  optimizer === "sgd" ? stalenessCost : stalenessCostBehind?.[optimizer];

const uncompensated = createCompensator("none");

/** What `auto` chooses from, and what it takes where nothing is late. */
export const usualChoices = (optimizer: string): CompensationChoice[] =>
  choicesFor(optimizer).map((name) => choiceOf(name, referenceKernels, optimizer));
/** What `auto` takes where nothing is late. */
export const bareChoices = (optimizer: string): CompensationChoice[] => [
  choiceOf("none", referenceKernels, optimizer),
];

/** Whether gradients are hardly late, so that `auto` does not repair them. */
export const isNearlyFresh = ({ prediction }: Plan): boolean =>
  prediction?.staleness.every((updates) => updates < nearlyFresh) === true;

/**
 * For the adaptation rate R (Ferret, arXiv 2503.12053, Eq. 1 and 3), which ignores staleness:
 * without compensation if the best plan with `secant` has a much lower R than the best one without,
 * or if none fits. A named budget is that of the plan without.
 */
function chooseForRate<Plans extends RunPlans>(
  request: CompensationRequest<Plans>,
): ChosenCompensation<Plans> {
  const { compensation, kernels } = request;
  const planFor = (name: string, memoryBudget = request.memoryBudget) =>
    request.plan({ compensation: name }, choiceOf(name, kernels).vectors, memoryBudget);
  if (compensation !== "auto") return { compensation, planned: planFor(compensation) };
  const without = planFor("none");
  const { plan, budget, raisedFrom } = without.first;
  // Later changes must fit as well.
  const best = unlessItFails(() => planFor("secant", budget ?? "none"));
  const pays = best && !best.plans.every(isNearlyFresh);
  return pays && best.first.plan.adaptationRate >= worthwhile * plan.adaptationRate
    ? { compensation: "secant", planned: best, raisedFrom }
    : { compensation: "none", planned: without, raisedFrom };
}

/** Undefined if the input does not allow it. */
function unlessItFails<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
