import {
  leastMemory,
  type Overheads,
  type Plan,
  type PlanRequest,
  pipeDream2BwMemory,
  plan,
} from "@ferret-ocl/planner";
import type { NamedBudget } from "./config.js";

/** A plan and the bytes it had to fit; null for no limit. */
export interface BudgetedPlan {
  readonly plan: Plan;
  readonly budget: number | null;
}

/**
 * Plans under a budget in bytes or by name: `min` is the least feasible (Ferret M-), `2bw` what
 * PipeDream-2BW needs on the partition of the unlimited plan (M), `none` no limit (M+). Of workers
 * that are given, `min` is what they need.
 */
export function planUnder(
  budget: number | NamedBudget,
  request: Omit<PlanRequest, "memoryBudget" | "overheads"> & { readonly overheads: Overheads },
): BudgetedPlan {
  if (budget === "none") return { plan: plan({ ...request, memoryBudget: null }), budget: null };
  if (budget === "min") {
    const least = request.workers ? plan({ ...request, memoryBudget: null }) : leastMemory(request);
    const bytes = least.memory.total;
    return { plan: { ...least, memoryBudget: bytes }, budget: bytes };
  }
  if (typeof budget === "number")
    return { plan: plan({ ...request, memoryBudget: budget }), budget };
  const { partition } = plan({ ...request, memoryBudget: null });
  const bytes = pipeDream2BwMemory(request.profile, partition, request.overheads).total;
  return { plan: plan({ ...request, memoryBudget: bytes }), budget: bytes };
}
