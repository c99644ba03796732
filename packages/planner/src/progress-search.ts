import type { Effort } from "./effort.js";
import { omitOf } from "./exact/chain.js";
import { leastPartitionMemory, leastPeriods } from "./least.js";
import { predictFrom, type StageBytes, stageBytes } from "./memory.js";
import { type CompensationChoice, progressOf } from "./progress.js";
import { mostWorkersOf, type Problem } from "./tally.js";
import { plainWorkers, type WorkerConfiguration } from "./worker.js";

/** A plan that was looked at. */
export interface Candidate {
  readonly problem: Problem;
  readonly compensation: CompensationChoice;
  readonly workers: readonly WorkerConfiguration[];
  readonly progress: number;
  readonly memory: number;
}

/** Plans that differ by less, relatively, are alike: then the one of less memory is taken. */
const alike = 0.01;

/** Partitions that are searched in full: those of most progress without a limit, and the smallest. */
const mostPartitions = 48;
const smallestPartitions = 16;

/**
 * The plan of most progress within a budget, over partitions, compensations and workers. Progress
 * is no sum over workers, as R is: every worker makes the gradients of all others staler. So there
 * is no exact search; all fleets of alike workers are tried, and the best ones are improved one
 * worker at a time:
 *
 * ```
 * partition, compensation
 *   kind            T1 on or off, times T2 or T3 at the first stages, or neither
 *     fleet         N = 1 .. as many as keep up
 *   front           each worker another kind, one more, one less, while that helps
 * ```
 *
 * It counts its steps and looks at no clock.
 */
export class ProgressSearch {
  readonly #budget: number;
  readonly #effort: Effort;
  readonly #front: Candidate[] = [];
  /** By partition: the same for all of its fleets. */
  readonly #bytes = new Map<readonly number[], StageBytes>();

  constructor(budget: number, effort: Effort) {
    this.#budget = budget;
    this.#effort = effort;
  }

  /** @returns the candidates that no other one beats in memory and progress, by rising memory. */
  run(problems: readonly Problem[], compensations: readonly CompensationChoice[]): Candidate[] {
    for (const compensation of compensations) {
      const own = problems.map((problem) => withState(problem, compensation));
      for (const problem of this.#worthwhile(own, compensation))
        this.#tryFleets(problem, compensation);
    }
    // What fits this budget well may be half way to what fits a larger one.
    for (const candidate of [...this.#front].reverse()) this.#improve(candidate);
    return this.#front;
  }

  /** The partitions to search. */
  #worthwhile(problems: readonly Problem[], compensation: CompensationChoice): readonly Problem[] {
    const sized = problems
      .map((problem) => ({ problem, memory: leastPartitionMemory(problem).memory }))
      .filter(({ memory }) => memory <= this.#budget);
    if (sized.length <= mostPartitions) return sized.map(({ problem }) => problem);
    const smallest = [...sized].sort((a, b) => a.memory - b.memory).slice(0, smallestPartitions);
    const ranked = sized
      .map(({ problem }) => ({ problem, progress: this.#plainProgress(problem, compensation) }))
      .sort((a, b) => b.progress - a.progress)
      .slice(0, mostPartitions);
    return [...new Set([...ranked, ...smallest].map(({ problem }) => problem))];
  }

  #plainProgress(problem: Problem, { stalenessCost }: CompensationChoice): number {
    const workers = plainWorkers(problem.partition.length, mostWorkersOf(problem));
    this.#spend(workers.length, problem);
    return progressOf({ ...problem, workers, stalenessCost });
  }

  #tryFleets(problem: Problem, compensation: CompensationChoice): void {
    const most = mostWorkersOf(problem);
    for (const kind of kindsOf(problem))
      for (const count of workerCounts(most)) {
        if (this.#effort.isExhausted && this.#front.length > 0) return;
        const workers = new Array<WorkerConfiguration>(count).fill(kind);
        // Another worker only adds bytes.
        if (this.#try(problem, compensation, workers) === null) break;
      }
  }

  /** Changes one worker at a time, always to the best, until nothing helps any more. */
  #improve(start: Candidate): void {
    const { problem, compensation } = start;
    const kinds = kindsOf(problem);
    const most = mostWorkersOf(problem);
    for (let best = start; !this.#effort.isExhausted; ) {
      const { workers } = best;
      const changed: (readonly WorkerConfiguration[])[] = [];
      const seen = new Set<string>();
      workers.forEach((worker, index) => {
        const key = JSON.stringify(worker);
        if (seen.has(key)) return;
        seen.add(key);
        const others = workers.filter((_, other) => other !== index);
        if (others.length > 0) changed.push(others);
        for (const kind of kinds) changed.push([...others, kind]);
      });
      if (workers.length < most) for (const kind of kinds) changed.push([...workers, kind]);
      let next: Candidate | null = null;
      for (const fleet of changed) {
        if (this.#effort.isExhausted) break;
        const candidate = this.#try(problem, compensation, fleet);
        if (candidate && candidate.progress > (next ?? best).progress * (1 + 1e-9))
          next = candidate;
      }
      if (next === null) return;
      best = next;
    }
  }

  /** Null where it does not fit. */
  #try(
    problem: Problem,
    compensation: CompensationChoice,
    workers: readonly WorkerConfiguration[],
  ): Candidate | null {
    const { profile, partition, overheads } = problem;
    this.#spend(workers.length, problem);
    const bytes = this.#bytes.get(partition) ?? stageBytes(profile, partition);
    this.#bytes.set(partition, bytes);
    const { total: memory } = predictFrom(bytes, partition, workers, overheads);
    if (memory > this.#budget) return null;
    const { stalenessCost } = compensation;
    const progress = progressOf({ ...problem, workers, stalenessCost });
    const candidate = { problem, compensation, workers, progress, memory };
    offer(this.#front, candidate);
    return candidate;
  }

  #spend(workers: number, { partition, profile }: Problem): void {
    this.#effort.spend(20 * workers * partition.length + 4 * profile.layers.length);
  }
}

/** Puts a candidate in its place by memory, unless another one is as small and as good. */
function offer(front: Candidate[], candidate: Candidate): void {
  const after = front.findIndex(({ memory }) => memory > candidate.memory);
  const place = after < 0 ? front.length : after;
  const before = front[place - 1];
  if (before && before.progress >= candidate.progress * (1 - 1e-12)) return;
  const isBeaten = (other: Candidate) => other.progress <= candidate.progress * (1 + 1e-12);
  let end = place;
  while (end < front.length && isBeaten(front[end] as Candidate)) end += 1;
  let start = place;
  while (start > 0 && (front[start - 1] as Candidate).memory === candidate.memory) start -= 1;
  front.splice(start, end - start, candidate);
}

/** Given workers with one compensation or another: what no other one beats, by rising memory. */
export function compensateFleet(
  problem: Problem,
  workers: readonly WorkerConfiguration[],
  compensations: readonly CompensationChoice[],
): Candidate[] {
  const front: Candidate[] = [];
  for (const compensation of compensations) {
    const own = withState(problem, compensation);
    const { profile, partition, overheads } = own;
    const { total: memory } = predictFrom(
      stageBytes(profile, partition),
      partition,
      workers,
      overheads,
    );
    const { stalenessCost } = compensation;
    const progress = progressOf({ ...own, workers, stalenessCost });
    offer(front, { problem: own, compensation, workers, progress, memory });
  }
  return front;
}

/** What no other one of both beats in memory and progress. */
export function joinFronts(left: readonly Candidate[], right: readonly Candidate[]): Candidate[] {
  const front = [...left];
  for (const candidate of right) offer(front, candidate);
  return front;
}

/** Of a front by rising memory, the smallest that is as good as the best. */
export function smallestOfBest(front: readonly Candidate[]): Candidate | null {
  const best = front.at(-1);
  if (best === undefined) return null;
  return front.find(({ progress }) => progress >= (1 - alike) * best.progress) as Candidate;
}

function withState(problem: Problem, { vectors }: CompensationChoice): Problem {
  return { ...problem, overheads: { ...problem.overheads, compensationVectors: vectors } };
}

/** All up to 32, then ever wider apart. */
function workerCounts(most: number): number[] {
  const counts: number[] = [];
  for (let count = 1; count <= most; count += Math.max(1, count >> 5)) counts.push(count);
  if (counts.at(-1) !== most) counts.push(most);
  return counts;
}

/** How a worker may work: T1 on or off, and T2 or T3 at the first stages or nowhere. */
function kindsOf({ partition }: Problem): WorkerConfiguration[] {
  const stageCount = partition.length;
  const none = new Array<number>(stageCount).fill(0);
  const once = new Array<number>(stageCount).fill(1);
  const prefixes = [...new Set([1, 2, stageCount >> 1, stageCount - 1])].filter(
    (count) => count >= 1 && count < stageCount,
  );
  const firstStages = (count: number, value: (stage: number) => number, rest: number) =>
    once.map((_, stage) => (stage < count ? value(stage) : rest));
  const techniques = [{ accumulate: once, omit: none }];
  for (const count of prefixes) {
    for (const period of [2, 3])
      techniques.push({ accumulate: once, omit: omitOf(firstStages(count, () => period, 1)) });
    const gathered = [() => 2, (stage: number) => stageCount - stage];
    for (const gather of gathered)
      techniques.push({ accumulate: firstStages(count, gather, 1), omit: none });
  }
  if (stageCount > 1)
    techniques.push({ accumulate: once, omit: omitOf(leastPeriods(once.map(() => 1))) });
  const unique = new Map(techniques.map((each) => [JSON.stringify(each), each]));
  return [false, true].flatMap((recompute) =>
    [...unique.values()].map((each) => ({ recompute, ...each })),
  );
}
