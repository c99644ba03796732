import { checkObject, checkWhole } from "./check.js";
import { leastMemory, plan } from "./plan.js";
import { goal, type Plan } from "./plan-format.js";
import type { PlanRequest } from "./request.js";

/** What a budget buys. */
export interface SweepPoint {
  /** Bytes. */
  readonly memoryBudget: number;
  /** R, value per millisecond. */
  readonly adaptationRate: number;
  /** Progress of the plan, in a sweep for progress. */
  readonly progress?: number;
  readonly plan: Plan;
}

/**
 * The front of memory against what is planned for, R or progress: plans for `points` budgets,
 * evenly spaced from the least feasible one to what the plan without a limit holds. It never falls
 * as the budget rises: if the search stopped early and found less, the plan for the previous budget
 * is used, since it fits too.
 *
 * @throws InputError if the request is malformed.
 */
export function sweep(request: Omit<PlanRequest, "memoryBudget">, points = 16): SweepPoint[] {
  checkObject(request, "request");
  checkWhole(points, "points", 2);
  const first = leastMemory(request);
  const last = plan({ ...request, memoryBudget: null });
  const least = first.memory.total;
  const most = Math.max(least, last.memory.total);
  const found: SweepPoint[] = [];
  for (let point = 0; point < points; point += 1) {
    const memoryBudget = Math.floor(least + (point / (points - 1)) * (most - least));
    if (memoryBudget === found.at(-1)?.memoryBudget) continue;
    const next = plan({ ...request, memoryBudget });
    const before = found.at(-1)?.plan;
    const best = before && goal(before) > goal(next) ? { ...before, memoryBudget } : next;
    const { adaptationRate, progress } = best;
    const reached = progress === undefined ? { adaptationRate } : { adaptationRate, progress };
    found.push({ memoryBudget, ...reached, plan: best });
  }
  return found;
}
