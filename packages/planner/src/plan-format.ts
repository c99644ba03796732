import {
  checkAmount,
  checkArray,
  checkObject,
  checkOneOf,
  checkParsed,
  checkPartition,
  checkPositive,
  checkString,
  checkWhole,
} from "./check.js";
import { expected } from "./errors.js";
import { type MemoryCategory, type MemoryPrediction, memoryCategories } from "./memory.js";
import type { Prediction } from "./predict.js";
import { checkInFlight } from "./slots.js";
import { checkWorkers, type WorkerConfiguration } from "./worker.js";

/**
 * How a plan was found: `plan` writes "exact", "greedy", "progress" if it plans for that, or
 * "given" if the request names its workers; `leastMemory` writes "least-memory".
 */
const planStrategies = ["exact", "greedy", "given", "least-memory", "progress"] as const;

/** How the inner search for R works. */
export type PlanStrategy = (typeof planStrategies)[number];

/** A partition and its configuration. JSON, version 1. */
export interface Plan {
  readonly version: 1;
  readonly model: string;
  readonly strategy: PlanStrategy;
  /** First layer of every stage; the first one is 0. */
  readonly partition: number[];
  readonly stageCount: number;
  /** Active workers: item k goes to worker k mod workerCount. */
  readonly workerCount: number;
  readonly workers: WorkerConfiguration[];
  /**
   * The most items in flight at each stage, over all workers, which share its slots. Left out if
   * each worker has its own slots, as many as 1F1B allows it.
   */
  readonly inFlight?: number[];
  /** Workers that the stream would need in addition to the active ones (T4). */
  readonly removedWorkers: number;
  /** t^d, ms. */
  readonly arrivalInterval: number;
  /** Bytes; null for no limit. */
  readonly memoryBudget: number | null;
  /** R of Eq. 1 and 3 with the effective interval, value per millisecond. */
  readonly adaptationRate: number;
  /** t^f: the slowest stage's forward time, ms. */
  readonly stageForwardTime: number;
  /** t^b: the slowest stage's backward time, ms. */
  readonly stageBackwardTime: number;
  /** The peak of the run's ledger, bytes. */
  readonly memory: MemoryPrediction;
  /** Eq. 4 of the paper, bytes. */
  readonly paperMemory: number;
  /**
   * From the exact search: no plan within the budget has an R above (1 + optimalityGap) times this
   * one's. 0 if the search has proved that there is no better plan.
   */
  readonly optimalityGap?: number;
  /** How the plan is expected to run. */
  readonly prediction?: Prediction;
  /** `expectedProgress` with the compensation, in a plan for progress. */
  readonly progress?: number;
  /** Name of the compensation that a plan for progress assumes. */
  readonly compensation?: string;
}

/** What a plan was chosen by: its progress, or else R. */
export const goal = ({ progress, adaptationRate }: Plan): number => progress ?? adaptationRate;

function parsePrediction(value: unknown, stageCount: number): Prediction {
  const prediction = checkObject(value, "plan.prediction");
  const amount = (field: string) => checkAmount(prediction[field], `plan.prediction.${field}`);
  const perStage = (field: string) => {
    const name = `plan.prediction.${field}`;
    const values = checkArray(prediction[field], name);
    if (values.length !== stageCount)
      throw expected(`${stageCount} entries, one per stage,`, name, values);
    return values.map((entry, stage) => checkAmount(entry, `${name}[${stage}]`));
  };
  return {
    utilisation: amount("utilisation"),
    dropRate: amount("dropRate"),
    latency: perStage("latency"),
    staleness: perStage("staleness"),
    stretch: amount("stretch"),
  };
}

function parseMemory(value: unknown): MemoryPrediction {
  const memory = checkObject(value, "plan.memory");
  const given = checkObject(memory.byCategory, "plan.memory.byCategory");
  const byCategory = Object.fromEntries(
    memoryCategories.map((category) => [
      category,
      checkWhole(given[category], `plan.memory.byCategory.${category}`),
    ]),
  ) as Record<MemoryCategory, number>;
  const total = Object.values(byCategory).reduce((sum, bytes) => sum + bytes, 0);
  if (checkWhole(memory.total, "plan.memory.total") !== total)
    throw expected(`the sum of the categories, ${total},`, "plan.memory.total", memory.total);
  return { total, byCategory };
}

/**
 * Reads a plan from parsed JSON; unknown fields are left out.
 * @throws InputError that names the first field that is missing, wrong or contradicts another.
 */
export function parsePlan(value: unknown): Plan {
  const plan = checkParsed(value, "plan");
  checkOneOf(plan.version, "plan.version", [1]);
  const partition = checkPartition(plan.partition, "plan.partition");
  const stageCount = partition.length;
  if (plan.stageCount !== stageCount)
    throw expected(`${stageCount}, the partition's stages,`, "plan.stageCount", plan.stageCount);
  const workers = checkWorkers(plan.workers, "plan.workers", stageCount);
  if (plan.workerCount !== workers.length)
    throw expected(`${workers.length}, the listed workers,`, "plan.workerCount", plan.workerCount);
  return {
    version: 1,
    model: checkString(plan.model, "plan.model"),
    strategy: checkOneOf(plan.strategy, "plan.strategy", planStrategies),
    partition,
    stageCount,
    workerCount: workers.length,
    workers,
    ...(plan.inFlight === undefined
      ? {}
      : { inFlight: checkInFlight(plan.inFlight, "plan.inFlight", stageCount) }),
    removedWorkers: checkWhole(plan.removedWorkers, "plan.removedWorkers"),
    arrivalInterval: checkPositive(plan.arrivalInterval, "plan.arrivalInterval"),
    memoryBudget:
      plan.memoryBudget === null ? null : checkWhole(plan.memoryBudget, "plan.memoryBudget"),
    adaptationRate: checkAmount(plan.adaptationRate, "plan.adaptationRate"),
    stageForwardTime: checkAmount(plan.stageForwardTime, "plan.stageForwardTime"),
    stageBackwardTime: checkAmount(plan.stageBackwardTime, "plan.stageBackwardTime"),
    memory: parseMemory(plan.memory),
    paperMemory: checkAmount(plan.paperMemory, "plan.paperMemory"),
    ...(plan.optimalityGap === undefined
      ? {}
      : { optimalityGap: checkAmount(plan.optimalityGap, "plan.optimalityGap") }),
    ...(plan.prediction === undefined
      ? {}
      : { prediction: parsePrediction(plan.prediction, stageCount) }),
    ...(plan.progress === undefined
      ? {}
      : { progress: checkAmount(plan.progress, "plan.progress") }),
    ...(plan.compensation === undefined
      ? {}
      : { compensation: checkString(plan.compensation, "plan.compensation") }),
  };
}
