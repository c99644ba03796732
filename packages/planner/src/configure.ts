import { greedy } from "./greedy.js";
import { configureLeast, leastPartitionMemory } from "./least.js";
import { undo } from "./repair.js";
import { type Problem, Tally } from "./tally.js";

/**
 * A configuration of high R within `budget` bytes: the better one of greedy and of the least
 * configuration (which fits whenever anything does), both repaired.
 * @returns null where nothing fits.
 */
export function configure(problem: Problem, budget: number): Tally | null {
  const plain = Tally.plain(problem);
  if (plain.score.memory <= budget) return plain;
  if (leastPartitionMemory(problem).memory > budget) return null;
  const least = configureLeast(problem, budget);
  const found = greedy(problem, budget, plain);
  if (found === null) return least;
  undo(found, budget);
  return found.score.rate >= least.score.rate ? found : least;
}
