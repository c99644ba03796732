import { allMultiples, bestChain, omitOf } from "./chain.js";
import { adaptationRate } from "./cost.js";
import type { Effort } from "./effort.js";
import { outlineOf } from "./outline.js";
import { mostWorkersOf, type Problem } from "./problem.js";
import { undo } from "./repair.js";
import { StageTerms } from "./stage-terms.js";
import { Tally } from "./tally.js";
import { plainWorkers, type WorkerConfiguration } from "./worker.js";

/**
 * Periods L_i with the largest Σ value_i / L_i such that one item is in flight a stage:
 * L_i >= P - i, and L_i a multiple of L_{i+1} (see `participation`).
 *
 * Full T3 at every stage reaches the same memory with L_0 = LCM(1..P), 840 for P = 8: the stage
 * would learn from every 840th item. Chosen together, 8 is enough. A period of 2P or more never
 * pays, as a smaller multiple below 2P serves as well.
 */
export function leastPeriods(stageValue: readonly number[]): number[] {
  const stageCount = stageValue.length;
  const longest = Math.max(2 * stageCount - 1, 1);
  const scores = new Float64Array(stageCount * longest).fill(Number.NEGATIVE_INFINITY);
  stageValue.forEach((value, stage) => {
    for (let period = stageCount - stage; period <= longest; period += 1)
      scores[stage * longest + period - 1] = value / period;
  });
  return bestChain(stageCount, allMultiples(longest), scores).places.map((place) => place + 1);
}

/** One item in flight a stage (T3), with the periods of the largest R. */
function sparseWorker(problem: Problem, recompute: boolean): WorkerConfiguration {
  const terms = new StageTerms(problem);
  const { stageCount } = terms;
  const side = recompute ? 1 : 0;
  const stageValue = Array.from({ length: stageCount }, (_, stage) => terms.itemValue(side, stage));
  const periods = leastPeriods(stageValue);
  return {
    recompute,
    accumulate: new Array<number>(stageCount).fill(1),
    omit: omitOf(periods),
  };
}

/** The configuration of fewest ledger bytes, and among those of good R: one worker. */
export function configureLeast(problem: Problem, budget?: number, effort?: Effort): Tally {
  const { memory, recompute } = outlineOf(problem).least;
  const tally = new Tally(problem, [sparseWorker(problem, recompute)], effort);
  undo(tally, budget ?? memory);
  return tally;
}

/** R of the sequential learner: the whole model as one stage of one worker. */
export function sequentialRate(problem: Problem): number {
  return adaptationRate({ ...problem, partition: [0], workers: plainWorkers(1, 1) });
}

/**
 * A configuration of few ledger bytes whose R is above `bar`: the smallest of those in which all
 * workers are alike, with T1 on or off and T3 in full or not at all. Null where none gets there.
 */
export function configureAbove(problem: Problem, bar: number, effort?: Effort): Tally | null {
  const { partition } = problem;
  const most = mostWorkersOf(problem);
  const kinds = [true, false].flatMap((recompute) => [
    sparseWorker(problem, recompute),
    { ...(plainWorkers(partition.length, 1)[0] as WorkerConfiguration), recompute },
  ]);
  let found: Tally | null = null;
  for (const kind of kinds)
    for (let count = 1; count <= most; count += 1) {
      const workers = new Array<WorkerConfiguration>(count).fill(kind);
      const tally = new Tally(problem, workers, effort);
      const { rate, memory } = tally.score;
      if (rate <= bar) continue;
      if (found === null || memory < found.score.memory) found = tally;
      // Another worker only adds bytes.
      break;
    }
  if (found !== null) undo(found, found.score.memory);
  return found;
}
