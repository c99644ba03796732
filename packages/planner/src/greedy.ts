import type { Effort } from "./effort.js";
import type { Problem } from "./problem.js";
import { type Score, Tally } from "./tally.js";
import { nextAccumulate, withTechniques } from "./technique.js";
import type { WorkerConfiguration } from "./worker.js";

/** A change of one worker. */
interface Step {
  readonly index: number;
  /** What T2 or T3 sets; null for T4, which removes the worker. */
  readonly set: {
    readonly stage: number;
    readonly accumulate: number;
    readonly omit: number;
  } | null;
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
        yield { index, set: { stage, accumulate, omit: 0 }, score };
      } else {
        const replacement = withTechniques(worker, stage, 1, last - stage);
        const set = { stage, accumulate: 1, omit: last - stage };
        yield { index, set, score: tally.ifReplaced(index, replacement) };
      }
    }
    if (omitting && workers.length > 1)
      yield { index, set: null, score: tally.ifReplaced(index, null) };
  }
}

/**
 * True if `a` is the better step: the least loss of R for each byte saved. A step that saves
 * nothing ranks last, by its loss alone, but may still be taken, since T3 comes after T2.
 */
export function ranksBefore(a: Score, b: Score, now: Score): boolean {
  const savedA = now.memory - a.memory;
  const savedB = now.memory - b.memory;
  if (savedA > 0 !== savedB > 0) return savedA > 0;
  if (savedA <= 0) return a.rate > b.rate;
  return (now.rate - a.rate) / savedA < (now.rate - b.rate) / savedB;
}

function take(tally: Tally, { index, set }: Step): void {
  const worker = tally.workers[index] as WorkerConfiguration;
  tally.replace(index, set && withTechniques(worker, set.stage, set.accumulate, set.omit));
}

/**
 * The paper's inner search, from `plain` (no technique), which is over budget: T1 on all workers at
 * once, then the cheapest step again and again, while the ledger is over `budget` bytes. Ends
 * because every step moves a stage up its finite ladder (c^a rises, then T3) or removes a worker.
 * @returns null if even the last step does not fit, or patience ran out before.
 */
export function greedy(
  problem: Problem,
  budget: number,
  plain: Tally,
  effort?: Effort,
): Tally | null {
  const tally = new Tally(
    problem,
    plain.workers.map((worker) => ({ ...worker, recompute: true })),
    effort,
  );
  while (tally.score.memory > budget) {
    const step = bestStep(tally);
    if (step === null) return null;
    take(tally, step);
  }
  return tally;
}

/** The cheapest step that is open; null where none is left, or no patience. */
function bestStep(tally: Tally): Step | null {
  const now = tally.score;
  let best: Step | null = null;
  for (const step of openSteps(tally)) {
    if (tally.isExhausted) return null;
    if (best === null || ranksBefore(step.score, best.score, now)) best = step;
  }
  return best;
}
