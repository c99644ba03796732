import { adaptationRate } from "../cost.js";
import type { SearchProgress } from "../effort.js";
import { stageDurations } from "../kinds.js";
import { type Outline, outlineOf } from "../outline.js";
import { mostWorkersOf, type Problem } from "../problem.js";
import { StageTerms } from "../stage-terms.js";
import { type ExactOutcome, ExactSearch, type Solution } from "./search.js";

/**
 * The most value that a millisecond of one unit can bring with this partition, over all of T1-T4:
 * the largest Σ_i s_i / L_i over Σ_i f_i + b_i / L_i with any L_i >= 1, s_i a stage's value of an
 * item. The best ratio r is where Σ_i max(0, s_i - r b_i) = r Σ f_i; found by halving, from above.
 */
function valueOfWork(problem: Problem): number {
  const { profile, partition, itemValue } = problem;
  const terms = new StageTerms(problem);
  const { forward, backward } = stageDurations(profile, partition);
  const stages = backward.map((time, stage) => ({
    value: terms.itemValue(0, stage),
    backward: time,
  }));
  const forwards = forward.reduce((sum, time) => sum + time, 0);
  const surplus = (ratio: number) =>
    stages.reduce((sum, { value, backward }) => sum + Math.max(0, value - ratio * backward), 0);
  let [low, high] = [0, itemValue / Math.max(forwards, Number.MIN_VALUE)];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (surplus(middle) <= middle * forwards) high = middle;
    else low = middle;
  }
  return high;
}

/** Numbers of workers to try, falling: all up to 16, then further and further apart. */
function workerCaps(most: number): number[] {
  const caps: number[] = [];
  for (let cap = most; cap >= 1; cap -= Math.max(1, Math.floor(cap / 16))) caps.push(cap);
  return caps;
}

/**
 * The search with a finite number of compute units. If the best plan for any number of them demands
 * no more than there are, it is the best one. Otherwise plans with fewer and fewer workers are
 * searched, each as if it ran unstretched, and the one that is best once stretched is taken.
 *
 * That is not exact, but its gap is known: stretching only lowers R, and D units never bring
 * more than D times the most valuable work (`valueOfWork`).
 */
export function searchUnits(
  outlines: readonly Outline[],
  budget: number,
  start: Solution | null,
  patience: number,
  onProgress?: (progress: SearchProgress) => void,
): ExactOutcome {
  const problems = outlines.map(({ problem }) => problem);
  const free = new ExactSearch(outlines, budget, start, patience).run(onProgress);
  const units = (problems[0] as Problem).computeUnits;
  const stretched = ({ problem, workers }: Solution) => adaptationRate({ ...problem, workers });
  const rate = stretched(free.solution);
  if (units === undefined || rate >= free.solution.rate * (1 - 1e-9)) return free;
  let best = { solution: free.solution, rate };
  const most = Math.max(...problems.map((problem) => mostWorkersOf(problem)));
  const fewest = start?.workers.length ?? 1;
  const caps = workerCaps(most).filter((cap) => cap < most && cap >= fewest);
  const bound = Math.min(
    (1 + free.gap) * free.solution.rate,
    units * problems.reduce((value, problem) => Math.max(value, valueOfWork(problem)), 0),
  );
  caps.forEach((cap, index) => {
    const capped = problems.map((problem) => outlineOf({ ...problem, maxWorkers: cap }));
    const { solution } = new ExactSearch(capped, budget, start, patience / caps.length).run(
      ({ used }) => onProgress?.({ used: (index + used) / caps.length, rate: best.rate, bound }),
    );
    const found = stretched(solution);
    if (found > best.rate) best = { solution, rate: found };
  });
  return { solution: best.solution, gap: Math.max(0, bound / best.rate - 1) };
}
