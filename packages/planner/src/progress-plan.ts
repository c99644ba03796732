import { Effort } from "./effort.js";
import type { Problem } from "./problem.js";
import { type CompensationChoice, progressOf } from "./progress.js";
import { type Candidate, joinFronts, ProgressSearch } from "./progress-search.js";
import { plainWorkers } from "./worker.js";

/**
 * Plans of rising memory and worth. What is found without a limit is used for every budget that it
 * fits, so that more memory never gives a plan of less worth.
 */
export function searchProgress(
  problems: readonly Problem[],
  compensations: readonly CompensationChoice[],
  budget: number | null,
  patience: number,
): Candidate[] {
  const search = (limit: number) =>
    new ProgressSearch(limit, compensations, new Effort(patience)).run(problems);
  const free = search(Number.POSITIVE_INFINITY);
  return budget === null ? free : joinFronts(free, search(budget));
}

/** How many times the sequential learner's progress counts as clearly more. */
const clearly = 1.5;

/**
 * The plan with the fewest bytes that makes clearly more progress than the sequential learner,
 * which takes one item at a time with the whole model; if none does, the plan with the fewest
 * bytes.
 */
export function leastOf(front: readonly Candidate[], problems: readonly Problem[]): Candidate {
  const [problem] = problems as readonly [Problem];
  const bar = progressOf({ ...problem, partition: [0], workers: plainWorkers(1, 1) });
  return (front.find(({ progress }) => progress > clearly * bar) ?? front[0]) as Candidate;
}
