import type { Effort } from "./effort.js";
import { greedy } from "./greedy.js";
import { configureAbove, configureLeast, sequentialRate } from "./least.js";
import { outlineOf } from "./outline.js";
import type { Problem } from "./problem.js";
import { undo } from "./repair.js";
import { Tally } from "./tally.js";

/**
 * A configuration of high R within `budget` bytes: the best of three, all repaired: that of the
 * greedy search, the one with the least memory (which fits whenever anything does), and the one
 * with the least memory that beats the sequential learner.
 * @returns null if nothing fits.
 */
export function configure(problem: Problem, budget: number, effort?: Effort): Tally | null {
  const plain = Tally.plain(problem);
  if (plain.score.memory <= budget) return plain;
  if (outlineOf(problem).least.memory > budget) return null;
  const found = greedy(problem, budget, plain, effort);
  if (found !== null) undo(found, budget);
  const above = configureAbove(problem, sequentialRate(problem), effort);
  const fitting = [found, configureLeast(problem, budget, effort), above].filter(
    (tally) => tally !== null && tally.score.memory <= budget,
  ) as Tally[];
  return fitting.reduce((best, tally) => (tally.score.rate > best.score.rate ? tally : best));
}
