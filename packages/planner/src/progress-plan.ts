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
): readonly Candidate[] {
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
): readonly Candidate[] {
  const search = searchOf(problems, compensations, patience);
  return downwards(search(Number.POSITIVE_INFINITY), problems, search);
}

type Search = (limit: number) => readonly Candidate[];

/**
 * What the last searches found, by limit, and what they were asked: budgets of one request follow one another (`min`,
 * `2bw` and `none` ask for several themselves), and all begin with the search without a limit.
 */
const last = { asked: "", found: new Map<number, readonly Candidate[]>() };
/** Limits that are kept of one request. */
const mostKept = 8;

function searchOf(
  problems: readonly Problem[],
  compensations: readonly CompensationChoice[],
  patience: number,
): Search {
  const { partition: _, ...shared } = problems[0] as Problem;
  const partitions = problems.map(({ partition }) => partition);
  const asked = JSON.stringify([shared, partitions, compensations, patience]);
  if (last.asked !== asked) Object.assign(last, { asked, found: new Map() });
  const { found } = last;
  return (limit) => {
    const known = found.get(limit);
    if (known) return known;
    const effort = new Effort(patience);
    const front = new ProgressSearch(limit, compensations, effort).run(problems);
    if (found.size < mostKept) found.set(limit, front);
    return front;
  };
}

/** A search under a tighter limit finds what one without had no patience for: on until there is nothing smaller. */
function downwards(
  free: readonly Candidate[],
  problems: readonly Problem[],
  search: Search,
): readonly Candidate[] {
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
