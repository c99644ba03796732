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
  const search = searchOf(problems, compensations, patience);
  const free = search(Number.POSITIVE_INFINITY);
  if (budget === null) return free;
  const known = budget < leastOf(free, problems).memory ? downwards(free, problems, search) : free;
  return joinFronts(known, search(budget));
}

/**
 * The plans that the least one (`leastOf`) is among: the same as are found for any budget below it, so that it is
 * the least budget that is not refused.
 */
export function searchLeast(
  problems: readonly Problem[],
  compensations: readonly CompensationChoice[],
  patience: number,
): Candidate[] {
  const search = searchOf(problems, compensations, patience);
  return downwards(search(Number.POSITIVE_INFINITY), problems, search);
}

type Search = (limit: number) => Candidate[];

function searchOf(
  problems: readonly Problem[],
  compensations: readonly CompensationChoice[],
  patience: number,
): Search {
  return (limit) => new ProgressSearch(limit, compensations, new Effort(patience)).run(problems);
}

/** A search under a tighter limit finds what one without had no patience for: on until there is nothing smaller. */
function downwards(free: Candidate[], problems: readonly Problem[], search: Search): Candidate[] {
  let front = free;
  for (let least = leastOf(front, problems).memory; ; ) {
    front = joinFronts(front, search(least - 1));
    const next = leastOf(front, problems).memory;
    if (next >= least) return front;
    least = next;
  }
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
