import { omitOf } from "./chain.js";
import { fullWorkerCount, stageTimes } from "./cost.js";
import type { Effort } from "./effort.js";
import { Fleet } from "./fleet.js";
import { FleetModel } from "./fleet-model.js";
import type { Kind, Part } from "./kinds.js";
import { leastPeriods } from "./least.js";
import { mostWorkersOf, type Problem } from "./problem.js";
import type { CompensationChoice } from "./progress.js";
import { sharedSlots } from "./slots.js";
import { plainWorkers, type WorkerConfiguration } from "./worker.js";

/** A plan that was looked at. */
export interface Candidate {
  readonly compensation: CompensationChoice;
  readonly model: FleetModel;
  readonly parts: readonly Part[];
  /** The most items in flight at each stage. */
  readonly inFlight: readonly number[];
  readonly progress: number;
  /** What plans are compared by: progress, reduced if the repair keeps vectors. */
  readonly worth: number;
  readonly memory: number;
}

/**
 * A repair that keeps vectors must promise this many times the progress of one that keeps none.
 * Plans of equal progress differ by some points of accuracy, so of two that promise nearly the
 * same, the one whose promise costs memory disappoints more often.
 */
const vectorsMustGain = 1.15;

const worthOf = (progress: number, { vectors }: CompensationChoice): number =>
  vectors > 0 ? progress / vectorsMustGain : progress;

/**
 * Plans that differ by less, relatively, count as equal: then the one with less memory is taken.
 */
const alike = 0.01;

/**
 * Partitions that are searched in full: those with the most progress without a limit, and the
 * smallest.
 */
const mostPartitions = 48;
const smallestPartitions = 16;

/**
 * The plan with the most progress within a budget, over partitions, compensations and workers.
 * Progress is not a sum over workers, as R is: every worker makes the gradients of all others
 * staler. So there is no exact search; all fleets of identical workers are tried, and the best ones
 * are improved one worker at a time:
 *
 * ```
 * partition, compensation
 *   kind            T1 on or off, times T2 or T3 at the first stages, or neither
 *     fleet         N = 1 .. as many as keep up
 *       in flight   as many items at each stage as come together there, or one less
 *   front           each worker another kind, one more, one less, while that helps
 * ```
 *
 * It counts its steps and reads no clock.
 */
export class ProgressSearch {
  readonly #budget: number;
  readonly #effort: Effort;
  readonly #compensations: readonly CompensationChoice[];
  readonly #front: Candidate[] = [];
  /** Whether plans that fall behind the sequential learner at a stage are left out. */
  #keepsPace = true;
  /** The best of every fleet that was tried: what is improved from several sides meets in the middle. */
  readonly #tried = new Map<string, Candidate | null>();
  readonly #numbers = new Map<object, number>();
  /** By partition. */
  readonly #kinds = new Map<FleetModel, readonly Kind[]>();

  constructor(budget: number, compensations: readonly CompensationChoice[], effort: Effort) {
    this.#budget = budget;
    this.#compensations = compensations;
    this.#effort = effort;
  }

  /** @returns the candidates that no other one beats in memory and worth, by rising memory. */
  run(problems: readonly Problem[]): Candidate[] {
    const models = this.#worthwhile(problems);
    for (const model of models) this.#tryFleets(model);
    if (this.#front.length === 0) {
      // There are so few compute units that no pipeline keeps the pace of a learner that has one to
      // itself.
      this.#keepsPace = false;
      this.#tried.clear();
      for (const model of models) this.#tryFleets(model);
    }
    // What fits this budget well may be halfway to what fits a larger one.
    for (const candidate of [...this.#front].reverse()) this.#improve(candidate);
    return this.#front;
  }

  /** The partitions to search. */
  #worthwhile(problems: readonly Problem[]): readonly FleetModel[] {
    const [fewest] = [...this.#compensations].sort((a, b) => a.vectors - b.vectors);
    const [mildest] = [...this.#compensations].sort((a, b) => a.stalenessCost - b.stalenessCost);
    const sized = problems
      .map((problem) => withState(problem, fewest as CompensationChoice))
      .map((problem) => {
        const model = new FleetModel(problem);
        return { model, memory: leastMemoryOf(model) };
      })
      .filter(({ memory }) => memory <= this.#budget);
    if (sized.length <= mostPartitions) return sized.map(({ model }) => model);
    const smallest = [...sized].sort((a, b) => a.memory - b.memory).slice(0, smallestPartitions);
    const ranked = sized
      .map(({ model }) => ({
        model,
        progress: this.#plainProgress(model, mildest as CompensationChoice),
      }))
      .sort((a, b) => b.progress - a.progress)
      .slice(0, mostPartitions);
    return [...new Set([...ranked, ...smallest].map(({ model }) => model))];
  }

  #plainProgress(model: FleetModel, { name, stalenessCost }: CompensationChoice): number {
    const [worker] = plainWorkers(model.problem.partition.length, 1) as [WorkerConfiguration];
    const parts = [{ kind: model.kind(worker), count: mostWorkersOf(model.problem) }];
    this.#spend(parts, model);
    const times = model.repairTimes(name, sharedSlots(model.stageCount, parts));
    return model.progress(model.steadyState(parts, times), stalenessCost);
  }

  #kindsOf(model: FleetModel): readonly Kind[] {
    const known = this.#kinds.get(model);
    if (known) return known;
    const kinds = workersToTry(model.problem).map((worker) => model.kind(worker));
    this.#kinds.set(model, kinds);
    return kinds;
  }

  #tryFleets(model: FleetModel): void {
    const most = mostFleetOf(model, this.#compensations);
    for (const kind of this.#kindsOf(model))
      for (const count of workerCounts(most)) {
        if (this.#effort.isExhausted && this.#front.length > 0) return;
        // Another worker adds next to no bytes where items in flight are limited, and rate.
        this.#try(model, [{ kind, count }]);
      }
  }

  /** Changes one worker at a time, always to the best, until nothing helps any more. */
  #improve(start: Candidate): void {
    const { model } = start;
    const kinds = this.#kindsOf(model);
    const most = mostFleetOf(model, this.#compensations);
    for (let best = start; !this.#effort.isExhausted; ) {
      const { parts } = best;
      const count = parts.reduce((sum, part) => sum + part.count, 0);
      const changed: (readonly Part[])[] = [];
      for (const { kind } of parts) {
        const others = withMore(parts, kind, -1);
        if (others.length > 0) changed.push(others);
        for (const other of kinds) if (other !== kind) changed.push(withMore(others, other, 1));
      }
      if (count < most) for (const kind of kinds) changed.push(withMore(parts, kind, 1));
      let next: Candidate | null = null;
      for (const fleet of changed) {
        if (this.#effort.isExhausted) break;
        const candidate = this.#try(model, fleet);
        if (candidate && candidate.worth > (next ?? best).worth * (1 + 1e-9)) next = candidate;
      }
      if (next === null) return;
      best = next;
    }
  }

  /** The best compensation and limit for the fleet; null where it fits with none. */
  #try(model: FleetModel, parts: readonly Part[]): Candidate | null {
    this.#spend(parts, model);
    const key = this.#nameOf(model, parts);
    const known = this.#tried.get(key);
    if (known !== undefined) return known;
    const best = this.#tryAnew(model, parts);
    this.#tried.set(key, best);
    return best;
  }

  /** The same of fleets of the same workers in the same order. */
  #nameOf(model: FleetModel, parts: readonly Part[]): string {
    let name = `${this.#numberOf(model)}`;
    for (const { kind, count } of parts) name += ` ${count} ${this.#numberOf(kind)}`;
    return name;
  }

  #numberOf(part: object): number {
    const known = this.#numbers.get(part);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(part, number);
    return number;
  }

  #tryAnew(model: FleetModel, parts: readonly Part[]): Candidate | null {
    const fleet = new Fleet(model, parts);
    let best: Candidate | null = null;
    for (const compensation of this.#compensations) {
      if (!suits(compensation, parts)) continue;
      for (const limit of fleet.limits(compensation.name)) {
        const memory = limit.memory(compensation.vectors);
        if (memory > this.#budget) continue;
        const state = limit.state(compensation.name);
        if (this.#keepsPace && !model.keepsPace(state)) continue;
        const progress = model.progress(state, compensation.stalenessCost);
        const worth = worthOf(progress, compensation);
        const { inFlight } = limit;
        const candidate = { model, compensation, parts, inFlight, progress, worth, memory };
        offer(this.#front, candidate);
        if (best === null || worth > best.worth) best = candidate;
      }
    }
    return best;
  }

  #spend(parts: readonly Part[], { problem }: FleetModel): void {
    this.#effort.spend(30 + 60 * parts.length * problem.partition.length);
  }
}

/** Of one worker and one item at a time. */
function leastMemoryOf(model: FleetModel): number {
  const { stageCount } = model;
  const once = new Array<number>(stageCount).fill(1);
  const [worker] = plainWorkers(stageCount, 1) as [WorkerConfiguration];
  const bytes = [false, true].map((recompute) => {
    const parts = [{ kind: model.kind({ ...worker, recompute }), count: 1 }];
    return model.memory(parts, model.problem.overheads.compensationVectors, once);
  });
  return Math.min(...bytes);
}

function suits({ takesGroups }: CompensationChoice, parts: readonly Part[]): boolean {
  return takesGroups !== false || !parts.some(({ kind }) => gathers(kind.worker));
}

const gathers = ({ accumulate }: WorkerConfiguration): boolean =>
  accumulate.some((count) => count > 1);

/** One more or one less of a kind. */
function withMore(parts: readonly Part[], kind: Kind, more: 1 | -1): readonly Part[] {
  const isKnown = parts.some((part) => part.kind === kind);
  const all = isKnown ? parts : [...parts, { kind, count: 0 }];
  return all
    .map((part) => (part.kind === kind ? { kind, count: part.count + more } : part))
    .filter(({ count }) => count > 0);
}

/** Puts a candidate in its place by memory, unless another one is as small and as good. */
function offer(front: Candidate[], candidate: Candidate): void {
  const after = front.findIndex(({ memory }) => memory > candidate.memory);
  const place = after < 0 ? front.length : after;
  const before = front[place - 1];
  if (before && before.worth >= candidate.worth * (1 - 1e-12)) return;
  const isBeaten = (other: Candidate) => other.worth <= candidate.worth * (1 + 1e-12);
  let end = place;
  while (end < front.length && isBeaten(front[end] as Candidate)) end += 1;
  let start = place;
  while (start > 0 && (front[start - 1] as Candidate).memory === candidate.memory) start -= 1;
  front.splice(start, end - start, candidate);
}

/** Given workers with one compensation or another: what no other one beats, by rising memory.
 * @param limit the most items in flight at each stage; default: as many as they need.
 */
export function compensateFleet(
  problem: Problem,
  workers: readonly WorkerConfiguration[],
  compensations: readonly CompensationChoice[],
  limit?: readonly number[],
): Candidate[] {
  const model = new FleetModel(problem);
  const parts = workers.map((worker) => ({ kind: model.kind(worker), count: 1 }));
  const fleet = new Fleet(model, parts);
  const front: Candidate[] = [];
  const suited = compensations.filter((each) => suits(each, parts));
  for (const compensation of suited.length > 0 ? suited : compensations) {
    const within = limit ? fleet.within(limit) : fleet.enough(compensation.name);
    const { inFlight } = within;
    const memory = within.memory(compensation.vectors);
    const progress = model.progress(within.state(compensation.name), compensation.stalenessCost);
    const worth = worthOf(progress, compensation);
    offer(front, { model, compensation, parts, inFlight, progress, worth, memory });
  }
  return front;
}

/** A candidate's workers, one by one. */
export function workersOf({ parts }: Candidate): WorkerConfiguration[] {
  return parts.flatMap(({ kind, count }) =>
    new Array<WorkerConfiguration>(count).fill(kind.worker),
  );
}

/** What no other one of both beats in memory and worth. */
export function joinFronts(left: readonly Candidate[], right: readonly Candidate[]): Candidate[] {
  const front = [...left];
  for (const candidate of right) offer(front, candidate);
  return front;
}

/** Of a front by rising memory, the smallest that is as good as the best. */
export function smallestOfBest(front: readonly Candidate[]): Candidate | null {
  const best = front.at(-1);
  if (best === undefined) return null;
  return front.find(({ worth }) => worth >= (1 - alike) * best.worth) as Candidate;
}

export function withState(problem: Problem, { name, vectors }: CompensationChoice): Problem {
  const overheads = { ...problem.overheads, compensationVectors: vectors };
  return { ...problem, overheads, compensation: name };
}

/** As many workers as keep up even where each repeats its forward passes (T1) and all is repaired. */
function mostFleetOf(model: FleetModel, compensations: readonly CompensationChoice[]): number {
  const { profile, partition, arrivalInterval, maxWorkers } = model.problem;
  const { stageForwardTime, stageBackwardTime } = stageTimes(profile, partition);
  const repairs = compensations.flatMap(({ name }) => model.compensationTimes(name));
  const repeating = {
    stageForwardTime,
    stageBackwardTime: stageForwardTime + stageBackwardTime + Math.max(...repairs),
  };
  const most = fullWorkerCount(repeating, arrivalInterval);
  return Math.min(most, maxWorkers ?? most);
}

/** All up to 32, then ever wider apart. */
function workerCounts(most: number): number[] {
  const counts: number[] = [];
  for (let count = 1; count <= most; count += Math.max(1, count >> 5)) counts.push(count);
  if (counts.at(-1) !== most) counts.push(most);
  return counts;
}

/** How a worker may work: T1 on or off, and T2 or T3 at the first stages or nowhere. */
function workersToTry({ partition }: Problem): WorkerConfiguration[] {
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
