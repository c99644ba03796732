import { checkOneOf, checkPositive } from "./check.js";
import { configure } from "./configure.js";
import { adaptationRate, fullWorkerCount, stageTimes } from "./cost.js";
import { Effort } from "./effort.js";
import { BudgetError, expected, formatBytes, type InputError } from "./errors.js";
import type { Solution } from "./exact/search.js";
import { searchUnits } from "./exact/units.js";
import { configureAbove, configureLeast, sequentialRate } from "./least.js";
import { predictMemory } from "./memory.js";
import { NearestFirst } from "./nearest-first.js";
import { type Outline, outlineOf } from "./outline.js";
import { paperMemory } from "./paper-memory.js";
import type { Plan, PlanStrategy } from "./plan-format.js";
import { predictRun } from "./predict.js";
import type { Problem } from "./problem.js";
import type { CompensationChoice } from "./progress.js";
import { leastOf, searchLeast, searchProgress } from "./progress-plan.js";
import {
  type Candidate,
  compensateFleet,
  smallestOfBest,
  withState,
  workersOf,
} from "./progress-search.js";
import { checkCompensations, type PlanRequest, problems } from "./request.js";
import { checkInFlight } from "./slots.js";
import type { Tally } from "./tally.js";
import { checkWorkers, type WorkerConfiguration } from "./worker.js";

function describe(
  problem: Problem,
  workers: readonly WorkerConfiguration[],
  strategy: PlanStrategy,
  memoryBudget: number | null,
  inFlight?: readonly number[],
): Plan {
  const { profile, partition, arrivalInterval } = problem;
  const times = stageTimes(profile, partition);
  return {
    version: 1,
    model: profile.model,
    strategy,
    partition: [...partition],
    stageCount: partition.length,
    workerCount: workers.length,
    workers: [...workers],
    ...(inFlight && { inFlight: [...inFlight] }),
    // There may be more workers that repeat their forward passes (T1) than the stream needs of
    // others.
    removedWorkers: Math.max(0, fullWorkerCount(times, arrivalInterval) - workers.length),
    arrivalInterval,
    memoryBudget,
    adaptationRate: adaptationRate({ ...problem, workers }),
    ...times,
    memory: predictMemory(profile, partition, workers, problem.overheads, inFlight),
    paperMemory: paperMemory(profile, partition, workers),
    prediction: predictRun(
      profile,
      partition,
      workers,
      arrivalInterval,
      problem.computeUnits,
      inFlight,
      problem.compensation,
    ),
  };
}

/** Higher R, then less memory, then fewer stages. */
function isBetter(a: Plan, b: Plan): boolean {
  if (a.adaptationRate !== b.adaptationRate) return a.adaptationRate > b.adaptationRate;
  if (a.memory.total !== b.memory.total) return a.memory.total < b.memory.total;
  return a.stageCount < b.stageCount;
}

function infeasible(least: Plan, budget: number): InputError {
  const { total, byCategory } = least.memory;
  const [category, bytes] = Object.entries(byCategory).reduce((most, entry) =>
    entry[1] > most[1] ? entry : most,
  );
  const { message } = expected(
    `at least ${total} bytes (${formatBytes(total)})`,
    "memoryBudget",
    budget,
    `${category} is the largest part, ${bytes} bytes (${formatBytes(bytes)}): raise the budget, let ` +
      "items come further apart, use fewer threads, or make the batch or the model smaller",
  );
  return new BudgetError(total, message);
}

/**
 * The partition and configuration with the highest adaptation rate R within a memory budget
 * (Ferret, CVPR 2025, arXiv 2503.12053, Eq. 13-16). Ties go to less memory, then to fewer stages;
 * the same request gives the same plan.
 *
 * Strategy "exact" (the default) searches partitions and configurations by branch and bound and
 * says in `optimalityGap` how far R can be from the best, 0 if it is the best (`ExactSearch`).
 * "greedy" is the paper's search: for every partition of the outer search, as long as patience
 * lasts, the greedy inner search, with a repair of ours. With the same patience "exact" is never
 * worse.
 *
 * Wherever the model has two layers that take time, only pipelines are considered, that is, plans
 * of two stages or more; pass `partition: [0]` to plan a single stage.
 *
 * @throws InputError if the request is malformed; if no configuration fits, it names the least
 * feasible budget in bytes and the category that takes most of it.
 */
export function plan(request: PlanRequest): Plan {
  const all = problems(request);
  const strategy = checkOneOf(request.strategy ?? "exact", "strategy", ["exact", "greedy"]);
  const patience = patienceOf(request, all);
  const budget = checkBudget(request.memoryBudget);
  const forProgress = isForProgress(request);
  const choices = forProgress ? checkCompensations(request.compensations) : null;
  if (request.inFlight !== undefined && request.workers === undefined)
    throw expected("the workers that share them", "workers, given inFlight,", request.workers);
  if (request.workers !== undefined) return givenPlan(request, all, budget, choices);
  if (choices) return progressPlan(all, choices, budget, patience);
  const outlines = all.map(outlineOf);
  const least = budget === null ? null : leastPlan(outlines, request.partition !== undefined);
  if (budget !== null && least !== null && budget < least.memory.total)
    throw infeasible(least, budget);
  const start = least && { ...least, strategy, memoryBudget: budget };
  if (strategy === "greedy")
    return greedyPlan(outlines, budget, start, patience, request.onProgress);
  return exactPlan(outlines, budget, start, patience, request.onProgress);
}

function checkBudget(budget: unknown): number | null {
  if (budget === null || (Number.isSafeInteger(budget) && (budget as number) >= 0))
    return budget as number | null;
  throw expected(
    "a whole number of at least 0 (bytes), or null for no limit,",
    "memoryBudget",
    budget,
  );
}

/** @throws InputError for an unknown objective, and for settings that it would ignore. */
function isForProgress(request: Omit<PlanRequest, "memoryBudget">): boolean {
  const { objective, strategy, compensation, compensations, optimizer } = request;
  const chosen = checkOneOf(objective ?? "paper", "objective", ["paper", "progress"]);
  if (chosen === "progress" && strategy !== undefined)
    throw expected('no strategy with the objective "progress"', "strategy", strategy);
  if (chosen === "progress" && compensation !== undefined)
    throw expected("compensations in its place", "compensation", compensation);
  if (chosen === "paper" && compensations !== undefined)
    throw expected('the objective "progress" with compensations', "objective", chosen);
  if (chosen === "paper" && optimizer !== undefined)
    throw expected('the objective "progress" with an optimizer', "objective", chosen);
  return chosen === "progress";
}

function patienceOf({ patience }: Pick<PlanRequest, "patience">, all: readonly Problem[]): number {
  const layerCount = (all[0] as Problem).profile.layers.length;
  return checkPositive(patience ?? 250 + layerCount, "patience");
}

/**
 * The plan with the request's own partition and workers.
 * @param choices the compensations to choose from, to plan for progress; null to plan for R.
 */
function givenPlan(
  request: PlanRequest,
  all: readonly Problem[],
  budget: number | null,
  choices: readonly CompensationChoice[] | null,
): Plan {
  if (request.partition === undefined)
    throw expected("the partition that the workers belong to", "partition", request.partition);
  const [problem] = all as [Problem];
  const workers = checkWorkers(request.workers, "workers", problem.partition.length);
  const inFlight =
    request.inFlight === undefined
      ? undefined
      : checkInFlight(request.inFlight, "inFlight", problem.partition.length);
  const front = choices && compensateFleet(problem, workers, choices, inFlight);
  const limit = budget ?? Number.POSITIVE_INFINITY;
  const fitting = front && smallestOfBest(front.filter(({ memory }) => memory <= limit));
  const best = fitting ?? front?.[0];
  const found = best
    ? describeCandidate(best, "given", budget)
    : describe(problem, workers, "given", budget, inFlight);
  if (budget !== null && found.memory.total > budget) throw infeasible(found, budget);
  return found;
}

/** The plan with the most progress within the budget, see `ProgressSearch`. */
function progressPlan(
  all: readonly Problem[],
  compensations: readonly CompensationChoice[],
  budget: number | null,
  patience: number,
): Plan {
  const front = searchProgress(all, compensations, budget, patience);
  const least = leastOf(front, all);
  if (budget !== null && budget < least.memory)
    throw infeasible(describeCandidate(least, "least-memory", least.memory), budget);
  const limit = budget ?? Number.POSITIVE_INFINITY;
  const found = smallestOfBest(front.filter(({ memory }) => memory <= limit)) as Candidate;
  return describeCandidate(found, "progress", budget);
}

function describeCandidate(
  candidate: Candidate,
  strategy: PlanStrategy,
  budget: number | null,
): Plan {
  const { model, progress, compensation, inFlight } = candidate;
  const own = withState(model.problem, compensation);
  const found = describe(own, workersOf(candidate), strategy, budget, inFlight);
  return { ...found, progress, compensation: compensation.name };
}

/** The exact search may take this many times as long as greedy: it also proves how near it came. */
const exactShare = 2;

function exactPlan(
  all: readonly Outline[],
  budget: number | null,
  start: Plan | null,
  patience: number,
  onProgress: PlanRequest["onProgress"],
): Plan {
  const limit = budget ?? Number.POSITIVE_INFINITY;
  const first = start && solutionOf(all, start);
  const { solution, gap } = searchUnits(all, limit, first, exactShare * patience, onProgress);
  const found = describe(solution.problem, solution.workers, "exact", budget);
  if (gap === 0) return { ...found, optimalityGap: 0 };
  // Where the search had to stop, greedy may know better.
  const other = greedyPlan(all, budget, start, patience, onProgress);
  const polished = isBetter(other, found) ? { ...other, strategy: found.strategy } : found;
  const bound = (1 + gap) * found.adaptationRate;
  return { ...polished, optimalityGap: Math.max(0, bound / polished.adaptationRate - 1) };
}

/**
 * The best plan that the greedy inner search finds over the partitions, as long as patience lasts.
 * Techniques only lower R, so a partition whose R without any technique is below the best plan's
 * cannot win and is left out.
 *
 * @param start a plan that fits; null if there is no limit.
 */
function greedyPlan(
  all: readonly Outline[],
  budget: number | null,
  start: Plan | null,
  patience: number,
  onProgress: PlanRequest["onProgress"],
): Plan {
  const limit = budget ?? Number.POSITIVE_INFINITY;
  const fitting = all.filter(({ least }) => least.memory <= limit);
  const effort = new Effort(patience);
  const order = new NearestFirst(fitting.length);
  const bound = fitting.reduce((most, { plain }) => Math.max(most, plain.rate), 0);
  let best = start;
  for (let index = order.next(); index !== null; index = order.next()) {
    if (effort.isExhausted && best !== null) break;
    const { problem, plain } = fitting[index] as Outline;
    if (best !== null && plain.rate * (1 + 1e-9) < best.adaptationRate) continue;
    const configured = configure(problem, limit, effort);
    if (best !== null) onProgress?.({ used: effort.used, rate: best.adaptationRate, bound });
    if (configured === null) continue;
    const candidate = describe(problem, configured.workers, "greedy", budget);
    if (best !== null && !isBetter(candidate, best)) continue;
    best = candidate;
    order.best = index;
  }
  return best as Plan;
}

/** The plan's own problem among all, as a start of the search. */
function solutionOf(all: readonly Outline[], plan: Plan): Solution {
  const isSame = ({ problem: { partition } }: Outline) =>
    partition.length === plan.stageCount &&
    partition.every((first, stage) => first === plan.partition[stage]);
  return {
    problem: (all.find(isSame) as Outline).problem,
    workers: plan.workers,
    rate: plan.adaptationRate,
    memory: plan.memory.total,
  };
}

/** Fewest bytes, then higher R. */
function isSmaller(a: Plan, b: Plan): boolean {
  if (a.memory.total !== b.memory.total) return a.memory.total < b.memory.total;
  return isBetter(a, b);
}

/**
 * The plan with the fewest bytes that beats the sequential learner; if none does, because the
 * stream is slow, or if the partition is given, the plan with the fewest bytes.
 */
function leastPlan(all: readonly Outline[], isGiven: boolean): Plan {
  const smallest = (configureOne: (problem: Problem) => Tally | null): Plan | null => {
    let found: Plan | null = null;
    for (const { problem, least } of sized) {
      if (found !== null && least.memory > found.memory.total) break;
      const tally = configureOne(problem);
      if (tally === null) continue;
      const candidate = describe(problem, tally.workers, "least-memory", tally.score.memory);
      if (found === null || isSmaller(candidate, found)) found = candidate;
    }
    return found;
  };
  const sized = [...all].sort((a, b) => a.least.memory - b.least.memory);
  const bar = sequentialRate((all[0] as Outline).problem);
  const useful = isGiven ? null : smallest((problem) => configureAbove(problem, bar));
  return useful ?? (smallest((problem) => configureLeast(problem)) as Plan);
}

/**
 * The least feasible plan ("Ferret M-"): over all partitions of the outer search and identical
 * workers, the fewest ledger bytes with which a pipeline still adapts faster (Eq. 3) than the
 * sequential learner, which takes one item at a time with the whole model; a plan that is larger
 * and slower than that would be useless. Among equals it takes the one with the higher R. Its
 * `memoryBudget` is its own memory: `plan` succeeds with that budget and throws with one byte less.
 *
 * Only pipelines are considered, as in `plan`. If no pipeline beats the sequential learner, as on a
 * stream slow enough for it, the result is the plan with the fewest bytes.
 *
 * @throws InputError if the request is malformed.
 */
export function leastMemory(request: Omit<PlanRequest, "memoryBudget">): Plan {
  const all = problems(request);
  if (isForProgress(request)) {
    const choices = checkCompensations(request.compensations);
    const least = leastOf(searchLeast(all, choices, patienceOf(request, all)), all);
    return describeCandidate(least, "least-memory", least.memory);
  }
  return leastPlan(all.map(outlineOf), request.partition !== undefined);
}
