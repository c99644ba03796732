import { parameterShares, stageTimes, updateDelay } from "./cost.js";
import { predictMemory } from "./memory.js";
import { type Problem, type Score, Tally } from "./tally.js";
import type { WorkerConfiguration } from "./worker.js";

/** A change of one worker: T2, T3, or T4 where `worker` is null. */
interface Step {
  readonly index: number;
  readonly worker: WorkerConfiguration | null;
  readonly score: Score;
}

function changed(
  worker: WorkerConfiguration,
  stage: number,
  accumulate: number,
  omit: number,
): WorkerConfiguration {
  return {
    recompute: worker.recompute,
    accumulate: worker.accumulate.with(stage, accumulate),
    omit: worker.omit.with(stage, omit),
  };
}

/**
 * The next larger c^a that holds fewer versions, `behind` = P - 1 - j: one fewer group of
 * gradients, until a single group is left; then infinite, and T3 takes over.
 */
export function nextAccumulate(behind: number, accumulate: number): number {
  const groups = Math.ceil(behind / accumulate) - 1;
  return groups <= 0 ? Number.POSITIVE_INFINITY : Math.ceil(behind / groups);
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
        yield { index, worker: changed(worker, stage, accumulate, 0), score };
      } else {
        const replacement = changed(worker, stage, 1, last - stage);
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
function ranksBefore(a: Score, b: Score, now: Score): boolean {
  const savedA = now.memory - a.memory;
  const savedB = now.memory - b.memory;
  if (savedA > 0 !== savedB > 0) return savedA > 0;
  if (savedA <= 0) return a.rate > b.rate;
  return (now.rate - a.rate) / savedA < (now.rate - b.rate) / savedB;
}

/**
 * The paper's inner search: T1 on all workers at once, then the cheapest step again and again,
 * while the ledger is over `budget` bytes. Ends because every step moves a stage up its finite
 * ladder (c^a rises, then T3) or removes a worker.
 * @returns null where even the last step does not fit.
 */
function greedy(problem: Problem, budget: number, plain: Tally): Tally | null {
  if (plain.score.memory <= budget) return plain;
  const tally = new Tally(
    problem,
    plain.workers.map((worker) => ({ ...worker, recompute: true })),
  );
  while (tally.score.memory > budget) {
    const now = tally.score;
    let best: Step | null = null;
    for (const step of openSteps(tally))
      if (best === null || ranksBefore(step.score, best.score, now)) best = step;
    if (best === null) return null;
    tally.replace(best.index, best.worker);
  }
  return tally;
}

/** c^a from 1 up its ladder: the settings greedy walks through at a stage. */
function accumulateLadder(behind: number): number[] {
  const ladder = [1];
  for (;;) {
    const next = nextAccumulate(behind, ladder.at(-1) as number);
    if (!Number.isFinite(next)) return ladder;
    ladder.push(next);
  }
}

/** Milder settings of a worker than its present one: T1 off, then stages from the back. */
function* milder(worker: WorkerConfiguration): Generator<WorkerConfiguration> {
  if (worker.recompute) yield { ...worker, recompute: false };
  const last = worker.omit.length - 1;
  for (let stage = last - 1; stage >= 0; stage -= 1) {
    const omitting = (worker.omit[stage] as number) > 0;
    for (const accumulate of accumulateLadder(last - stage))
      if (omitting || accumulate < (worker.accumulate[stage] as number))
        yield changed(worker, stage, accumulate, 0);
  }
}

/**
 * Repair (ours): greedy takes T1 for all workers at once and often overshoots. Techniques are
 * undone one at a time, T1 of a worker first, then T3 and T2 from the last stage on, each back to
 * the mildest setting that fits, while R rises and the ledger stays within `budget`.
 */
function undo(tally: Tally, budget: number): void {
  let rising = true;
  while (rising) {
    rising = false;
    for (let index = 0; index < tally.workers.length; index += 1) {
      for (const worker of milder(tally.workers[index] as WorkerConfiguration)) {
        const { rate, memory } = tally.ifReplaced(index, worker);
        // Rounding must not look like a rise, or two equal settings could alternate for ever.
        if (memory > budget || rate <= tally.score.rate * (1 + 1e-12)) continue;
        tally.replace(index, worker);
        rising = true;
        break;
      }
    }
  }
}

/** T3 at full strength everywhere on one worker: no stage holds more than one item. */
function fullOmission(stageCount: number, recompute: boolean): WorkerConfiguration {
  return {
    recompute,
    accumulate: new Array<number>(stageCount).fill(1),
    omit: Array.from({ length: stageCount }, (_, stage) => stageCount - 1 - stage),
  };
}

/**
 * Fewest ledger bytes of a partition, over all configurations.
 *
 * It takes no search. A further worker only adds buffers. Of one worker, every term of the ledger
 * rises with a stage's stash, a stash is at least one item, and full T3 brings all of them to
 * one without an accumulator. What is left is T1, on or off.
 */
export function leastPartitionMemory(problem: Problem): { memory: number; recompute: boolean } {
  const { profile, partition, overheads } = problem;
  const [kept, recomputed] = [false, true].map(
    (recompute) =>
      predictMemory(profile, partition, [fullOmission(partition.length, recompute)], overheads)
        .total,
  ) as [number, number];
  return { memory: Math.min(kept, recomputed), recompute: recomputed < kept };
}

/**
 * Periods L_i with the largest Σ value_i / L_i such that one item is in flight a stage:
 * L_i >= P - i, and L_i a multiple of L_{i+1} (see `participation`).
 *
 * Full T3 at every stage reaches the same memory with L_0 = LCM(1..P), 840 for P = 8: the stage
 * would learn from every 840th item. Chosen together, 8 is enough. Dynamic program from the first
 * stage on; a period of 2P or more never pays, as a smaller multiple below 2P serves as well.
 */
export function leastPeriods(stageValue: readonly number[]): number[] {
  const stageCount = stageValue.length;
  const limit = Math.max(2 * stageCount - 1, 1);
  let values = new Array<number>(limit + 1).fill(0);
  const choices: number[][] = [];
  for (let stage = 0; stage < stageCount; stage += 1) {
    const next = new Array<number>(limit + 1).fill(Number.NEGATIVE_INFINITY);
    const choice = new Array<number>(limit + 1).fill(0);
    const least = stage === stageCount - 1 ? 1 : stageCount - stage;
    const most = stage === stageCount - 1 ? 1 : limit;
    for (let period = least; period <= most; period += 1) {
      let best = period;
      for (let earlier = period; earlier <= limit && stage > 0; earlier += period)
        if ((values[earlier] as number) > (values[best] as number)) best = earlier;
      next[period] = (values[best] as number) + (stageValue[stage] as number) / period;
      choice[period] = best;
    }
    values = next;
    choices.push(choice);
  }
  const periods = new Array<number>(stageCount).fill(1);
  for (let stage = stageCount - 1; stage > 0; stage -= 1)
    periods[stage - 1] = (choices[stage] as number[])[periods[stage] as number] as number;
  return periods;
}

/** The configuration of fewest ledger bytes, and among those of good R: one worker. */
export function configureLeast(problem: Problem, budget?: number): Tally {
  const { profile, partition, valueDecay } = problem;
  const stageCount = partition.length;
  const { memory, recompute } = leastPartitionMemory(problem);
  const times = stageTimes(profile, partition);
  const stageValue = parameterShares(profile, partition).map(
    (share, stage) =>
      share * Math.exp(-valueDecay * updateDelay(times, stageCount, stage, recompute)),
  );
  const periods = leastPeriods(stageValue);
  const omit = periods.map((period, stage) => (period === periods[stage + 1] ? 0 : period - 1));
  const accumulate = new Array<number>(stageCount).fill(1);
  const tally = new Tally(problem, [{ recompute, accumulate, omit }]);
  undo(tally, budget ?? memory);
  return tally;
}

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
