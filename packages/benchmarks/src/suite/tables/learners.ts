import type { Contender } from "./contract.js";

/** What the paper compares Ferret's three budgets with, and the learner without any skill of its own. */
export const skipping: readonly Contender[] = [
  { label: "1-Skip", variation: { method: "1-skip" } },
  { label: "Random-N", variation: { method: "random-n" } },
  { label: "Last-N", variation: { method: "last-n" } },
  { label: "Camel", variation: { method: "camel" } },
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
