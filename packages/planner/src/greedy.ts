import { type Problem, type Score, Tally } from "./tally.js";
import { nextAccumulate, withTechniques } from "./technique.js";
import type { WorkerConfiguration } from "./worker.js";

/** A change of one worker: T2, T3, or T4 where `worker` is null. */
interface Step {
  readonly index: number;
  readonly worker: WorkerConfiguration | null;
  readonly score: Score;
}

/** The steps that greedy may take now, in fixed order: by worker, then stage, then T4. */
function* openSteps(tally: Tally): Generator<Step> {
  const workers = tally.workers;
  const last = tally.stageCount - 1;
  for (const [index, worker] of workers.entries()) {
    let omitting = true;
    for (let stage = 0; stage < last; stage += 1) {
      if ((worker.omit[stage] as number) > 0) continue;
      omitting = false;
      const accumulate = nextAccumulate(last - stage, worker.accumulate[stage] as number);
      if (Number.isFinite(accumulate)) {
        const score = tally.ifAccumulating(index, stage, accumulate);
        yield { index, worker: withTechniques(worker, stage, accumulate, 0), score };
      } else {
        const replacement = withTechniques(worker, stage, 1, last - stage);
        yield { index, worker: replacement, score: tally.ifReplaced(index, replacement) };
      }
    }
    if (omitting && workers.length > 1)
      yield { index, worker: null, score: tally.ifReplaced(index, null) };
  }
}

/**
 * True where `a` is the better step: least loss of R for each byte saved. A step that saves
 * nothing ranks last, by its loss alone, but stays takeable, for T3 lies behind T2.
 */
export function ranksBefore(a: Score, b: Score, now: Score): boolean {
  const savedA = now.memory - a.memory;
  const savedB = now.memory - b.memory;
  if (savedA > 0 !== savedB > 0) return savedA > 0;
  if (savedA <= 0) return a.rate > b.rate;
  return (now.rate - a.rate) / savedA < (now.rate - b.rate) / savedB;
}

/**
 * The paper's inner search, from `plain` (no technique), which is over budget: T1 on all workers at
 * once, then the cheapest step again and again,
 * while the ledger is over `budget` bytes. Ends because every step moves a stage up its finite
 * ladder (c^a rises, then T3) or removes a worker.
 * @param work `visits` grows by the stages that were looked at.
 * @returns null where even the last step does not fit.
 */
export function greedy(
  problem: Problem,
  budget: number,
  plain: Tally,
  work = { visits: 0 },
): Tally | null {
  const tally = new Tally(
    problem,
    plain.workers.map((worker) => ({ ...worker, recompute: true })),
  );
  while (tally.score.memory > budget) {
    const step = bestStep(tally);
    if (step === null) break;
    tally.replace(step.index, step.worker);
  }
  work.visits += tally.visits;
  return tally.score.memory > budget ? null : tally;
}

/** The cheapest step that is open; null where none is left. */
function bestStep(tally: Tally): Step | null {
  const now = tally.score;
  let best: Step | null = null;
  for (const step of openSteps(tally))
    if (best === null || ranksBefore(step.score, best.score, now)) best = step;
  return best;
}
