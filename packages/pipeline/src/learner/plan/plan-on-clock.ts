import {
  type BudgetedPlan,
  type BudgetRequest,
  type NamedBudget,
  type PlanRequest,
  type Profile,
  parseProfile,
  plan,
  planUnder,
} from "@ferret-ocl/planner";
import { predictionTime } from "./pace.js";

/**
 * On threads, plans are made as if items came this many times faster than they do, and as if there
 * were as many times more threads. Threads that share caches slow each other down, and predictions
 * come first, so a stage that would be busy nearly all the time, whatever the threads can do, would
 * drop items.
 */
const threadsHeadroom = 1.5;

/** Where a plan will run. */
export type PlannedClock =
  /**
   * Every stage of every worker has a unit of its own, or as many units as given share the work.
   */
  | ({ readonly kind: "virtual" } & Pick<PlanRequest, "computeUnits" | "unitSpeeds">)
  | {
      readonly kind: "threads";
      /** Threads that predictions and learning share. */
      readonly count: number;
      /** Whether items come as fast as they are taken, rather than at their interval. */
      readonly isUnpaced?: boolean;
    };

/** Plans for a clock; on threads with headroom, but the plan's figures are for the true pace. */
export function planOnClock(
  clock: PlannedClock,
  memoryBudget: number | NamedBudget,
  request: BudgetRequest & { readonly profile: Profile },
): BudgetedPlan {
  if (clock.kind === "virtual") {
    const { computeUnits, unitSpeeds } = clock;
    return planUnder(memoryBudget, {
      ...request,
      ...(computeUnits !== undefined && { computeUnits }),
      ...(unitSpeeds !== undefined && { unitSpeeds }),
    });
  }
  const { arrivalInterval } = request;
  const profile = parseProfile(request.profile);
  const computeUnits = unitsForLearning(profile, clock.count, arrivalInterval);
  if (clock.isUnpaced) return planUnder(memoryBudget, { ...request, computeUnits });
  const {
    plan: faster,
    budget,
    ...raised
  } = planUnder(memoryBudget, {
    ...request,
    arrivalInterval: arrivalInterval / threadsHeadroom,
    computeUnits: computeUnits * threadsHeadroom,
  });
  const { partition, workers, inFlight } = faster;
  const chosen = request.compensations?.filter(({ name }) => name === faster.compensation);
  const given = {
    memoryBudget: budget,
    partition,
    workers,
    ...(inFlight && { inFlight }),
    ...(chosen && { compensations: chosen }),
  };
  return { plan: plan({ ...request, ...given, computeUnits }), budget, ...raised };
}

/** Threads that predictions, which come first, leave for learning. */
function unitsForLearning(profile: Profile, threads: number, interval: number): number {
  return Math.max(threads / 100, threads - predictionTime(profile) / interval);
}
