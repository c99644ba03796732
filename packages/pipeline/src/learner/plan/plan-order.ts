import {
  type BudgetedPlan,
  type BudgetRequest,
  type NamedBudget,
  type Profile,
  planUnder,
} from "@ferret-ocl/planner";
import { type PlannedClock, planOnClock } from "./plan-on-clock.js";

/** A plan that is wanted, in plain data, so that another thread can make it. */
export interface PlanOrder {
  /** Null where workers are given: their figures are worked out, whatever the clock. */
  readonly clock: PlannedClock | null;
  readonly memoryBudget: number | NamedBudget;
  readonly request: BudgetRequest & { readonly profile: Profile };
}

/** @throws InputError where no plan fits. */
export function carryOut({ clock, memoryBudget, request }: PlanOrder): BudgetedPlan {
  return clock ? planOnClock(clock, memoryBudget, request) : planUnder(memoryBudget, request);
}
