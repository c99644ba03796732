import type { LearnerMetrics, PlanSwitch } from "@ferret-ocl/pipeline";
import type { MemoryPrediction } from "@ferret-ocl/planner";
import type { ResultRecord } from "./record.js";

/** What was planned before the run began. */
interface Promised {
  readonly budget: number | null;
  readonly raisedFrom: number | null;
  readonly planned: MemoryPrediction;
  readonly paperMemory: number | null;
}

type RecordedMemory = ResultRecord["memory"];

/**
 * Allowed, planned and measured bytes of one plan: where plans changed, of the one that held most,
 * which the ledger's peak is of.
 * @param savedBySharing of the first plan.
 */
export function recordMemory(
  promised: Promised,
  { memory: peak }: Pick<LearnerMetrics, "memory">,
  switches: readonly PlanSwitch[],
  savedBySharing: number | null,
): RecordedMemory {
  const { budget, raisedFrom, planned, paperMemory: paper } = promised;
  const first = {
    ...{ budget, raisedFrom, paper, savedBySharing, plans: [] },
    ...{ planned: planned.total, plannedByCategory: planned.byCategory },
    ...{ peak: peak.total, byCategory: peak.byCategory },
  };
  const [change] = switches;
  if (!change) return first;
  const plans = [
    { from: 0, budget, planned, measured: change.memory.before },
    ...switches.map(({ completedAt, to, memory }) => ({
      from: completedAt,
      budget: to.memoryBudget,
      planned: to.planned,
      measured: memory.after,
    })),
  ];
  const most = plans.reduce((best, each) => (each.measured > best.measured ? each : best));
  return {
    ...first,
    budget: most.budget,
    raisedFrom: most === plans[0] ? raisedFrom : null,
    planned: most.planned.total,
    plannedByCategory: most.planned.byCategory,
    // Eq. 4 and what workers share are of the plan that the run began with.
    paper: most === plans[0] ? paper : null,
    savedBySharing: null,
    plans: plans.map(({ planned: { total }, ...plan }) => ({ ...plan, planned: total })),
  };
}
