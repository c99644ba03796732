import { type Overheads, pipeDream2BwMemory } from "./memory.js";
import { leastMemory, plan } from "./plan.js";
import type { Plan } from "./plan-format.js";
import { parseProfile } from "./profile.js";
import type { PlanRequest } from "./request.js";

/** Budgets that the planner works out: Ferret M-, M and M+ of the paper's Table 1. */
export const namedBudgets = ["min", "2bw", "none"] as const;
/** A name of `namedBudgets`. */
export type NamedBudget = (typeof namedBudgets)[number];

/** The request to `planUnder`; the budget is a separate argument. */
export type BudgetRequest = Omit<PlanRequest, "memoryBudget" | "overheads"> & {
  readonly overheads: Overheads;
};

/** A plan and the bytes it had to fit; null for no limit. */
export interface BudgetedPlan {
  readonly plan: Plan;
  readonly budget: number | null;
  /** What a named budget would be, if that is less than the least; then the least is the budget. */
  readonly raisedFrom?: number;
}

/**
 * PipeDream-2BW comes from the paper, and so does the partition that it runs on: that of the
 * highest R. A compensation that is settled counts; one that can still be chosen does not.
 */
function memoryOf2Bw({
  objective: _,
  optimizer: __,
  compensations = [],
  ...request
}: BudgetRequest): number {
  const { partition } = plan({ ...request, memoryBudget: null });
  const [settled] = compensations.length === 1 ? compensations : [];
  const overheads = settled
    ? { ...request.overheads, compensationVectors: settled.vectors }
    : request.overheads;
  return pipeDream2BwMemory(parseProfile(request.profile), partition, overheads).total;
}

/**
 * Plans under a budget in bytes or by name: `min` is the least feasible (Ferret M-), `2bw` what
 * PipeDream-2BW needs on the partition of the unlimited plan (M), at least `min`, and `none` no
 * limit (M+). If workers are given, `min` is what they need.
 * @throws InputError if no plan fits.
 */
export function planUnder(budget: number | NamedBudget, request: BudgetRequest): BudgetedPlan {
  if (budget === "none") return { plan: plan({ ...request, memoryBudget: null }), budget: null };
  if (typeof budget === "number")
    return { plan: plan({ ...request, memoryBudget: budget }), budget };
  const least = request.workers ? plan({ ...request, memoryBudget: null }) : leastMemory(request);
  const fitting = { ...least, memoryBudget: least.memory.total };
  if (budget === "min") return { plan: fitting, budget: least.memory.total };
  const bytes = memoryOf2Bw(request);
  if (bytes < least.memory.total)
    return { plan: fitting, budget: least.memory.total, raisedFrom: bytes };
  return { plan: plan({ ...request, memoryBudget: bytes }), budget: bytes };
}
