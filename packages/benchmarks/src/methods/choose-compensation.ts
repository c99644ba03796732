import { createCompensator } from "@ferret-ocl/compensation";
import { InputError } from "@ferret-ocl/planner";
import type { NamedBudget } from "../config.js";
import { RunPlanner } from "../plan-run.js";
import type { Learning, MethodRequest } from "./contract.js";
import { engineOverheads } from "./wall-clock.js";

/** Share of the adaptation rate without compensation that a plan must reach with it. */
const worthwhile = 0.8;

/** A compensation by name, and the planner that counts its state. */
export interface ChosenCompensation {
  readonly compensation: string;
  readonly planner: RunPlanner;
  /** Of a budget by name that was raised to the least: what it would be. */
  readonly raisedFrom?: number | undefined;
}

/**
 * Plans with the compensation that is asked for. The state of `auto` is memory that could hold
 * workers' weight versions and activations instead: where the best plan with it would learn much
 * less than the best one without, by their adaptation rates (Ferret, arXiv 2503.12053, Eq. 1 and
 * 3), or none fits, Ferret runs without. A budget by name is that of the plan without.
 *
 * @throws InputError of the planner where no plan fits.
 */
export function chooseCompensation(request: MethodRequest, learning: Learning): ChosenCompensation {
  const { setting, machinery, arrivalInterval } = request;
  const planWith = (
    compensation: string,
    memoryBudget: number | NamedBudget = setting.memoryBudget,
  ) => {
    const { stateVectors } = createCompensator(compensation, {}, machinery.kernels);
    const overheads = {
      ...engineOverheads(setting, learning.overheads),
      compensationVectors: stateVectors,
    };
    const planned = { ...setting, memoryBudget };
    return new RunPlanner(planned, learning.profile, overheads, arrivalInterval);
  };
  const { compensation } = setting;
  if (compensation !== "auto") return { compensation, planner: planWith(compensation) };

  const without = planWith("none");
  const { plan, budget, raisedFrom } = without.first;
  // What changes later must fit as well.
  const best = unlessItFails(() => planWith(compensation, budget ?? "none"));
  return best && best.first.plan.adaptationRate >= worthwhile * plan.adaptationRate
    ? { compensation, planner: best, raisedFrom }
    : { compensation: "none", planner: without, raisedFrom };
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
