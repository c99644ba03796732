import type { Contender } from "./contract.js";

/**
 * The best sizes of those tried (waiting 2, 4, 8; at once 1, 2, 4; `docs/results.md`): where learning takes as long as
 * there are samples, several items at once only make fewer steps of them.
 */
const tuned = { waiting: 4, atOnce: 1 };

/** What the paper compares Ferret's three budgets with, and the learner without any skill of its own. */
export const skipping: readonly Contender[] = [
  { label: "1-Skip", variation: { method: "1-skip" } },
  { label: "Random-N", variation: { method: "random-n", batchSkip: tuned } },
  { label: "Last-N", variation: { method: "last-n", batchSkip: tuned } },
  { label: "Camel", variation: { method: "camel", batchSkip: { waiting: 2, atOnce: 1 } } },
];

/** Ferret with the least memory, with that of PipeDream-2BW and without a limit. */
export const ferrets: readonly Contender[] = [
  { label: "Ferret M-", variation: { method: "ferret", memoryBudget: "min" } },
  { label: "Ferret M", variation: { method: "ferret", memoryBudget: "2bw" } },
  { label: "Ferret M+", variation: { method: "ferret", memoryBudget: "none" } },
];

export const oracle: Contender = {
  label: "Oracle",
  variation: { method: "oracle" },
  isBound: true,
};

/** Each of them compared with one of their names. */
export function comparedWith(baseline: string, all: readonly Contender[]): Contender[] {
  return all.map((one) => ({ ...one, baseline }));
}
