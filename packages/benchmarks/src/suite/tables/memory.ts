import type { Contender, SuitePart } from "./contract.js";
import { oracle, skipping } from "./learners.js";
import { schedules } from "./schedules.js";

/** Budgets of Ferret's line, the least and no limit among them. */
const budgetCount = 8;

/** From the least that learns to what the plan without a limit takes. */
const budgets: readonly Contender[] = Array.from({ length: budgetCount }, (_, step) => {
  const share = step / (budgetCount - 1);
  return {
    label: `Ferret ${step + 1} of ${budgetCount}`,
    group: "Ferret",
    variation:
      step === 0
        ? { method: "ferret", memoryBudget: "min" }
        : step === budgetCount - 1
          ? { method: "ferret", memoryBudget: "none" }
          : { method: "ferret", budgetShare: share },
  };
});

export const memory: SuitePart = {
  name: "memory",
  title: "Memory against accuracy",
  kind: "memory",
  notes: [
    `Ferret under ${budgetCount} budgets, from the least that learns to no limit, by equal factors.`,
  ],
  contenders: () => [oracle, ...skipping.slice(0, 1), ...schedules, ...budgets],
};
