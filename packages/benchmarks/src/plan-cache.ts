import { planOnClock } from "@ferret-ocl/pipeline/engine";
import type { BudgetedPlan } from "@ferret-ocl/planner";

/** Plans that are kept: those of all contenders of a suite's setting. */
const mostKept = 200;

/** By request; the oldest first. */
const kept = new Map<string, BudgetedPlan>();

/**
 * A plan, as `planOnClock` makes it; runs that differ in their seed alone ask for the same one.
 * @throws InputError where no plan fits.
 */
export function planOnce(...request: Parameters<typeof planOnClock>): BudgetedPlan {
  const key = JSON.stringify(request);
  const known = kept.get(key);
  if (known) return known;
  const made = planOnClock(...request);
  const [oldest] = kept.keys();
  if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest);
  kept.set(key, made);
  return made;
}
