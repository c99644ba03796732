import {
  checkAmount,
  checkArray,
  checkBoolean,
  checkFields,
  checkObject,
  checkOneOf,
  checkPartition,
  checkPositive,
  checkString,
  checkWhole,
} from "./check.js";
import { fullWorkerCount, stageTimes, workerTime } from "./cost.js";
import type { SearchProgress } from "./effort.js";
import { expected } from "./errors.js";
import { checkOverheads, type Overheads } from "./memory.js";
import { layerTimes, partitions } from "./partition.js";
import type { Problem } from "./problem.js";
import { type GivenProfile, type Profile, parseProfile } from "./profile.js";
import { type CompensationChoice, progressOptimizers, uncompensated } from "./progress.js";
import type { WorkerConfiguration } from "./worker.js";

/** What `plan` and `leastMemory` are asked. */
export interface PlanRequest {
  /** It may come from another stack: what it leaves out is filled in, see `GivenProfile`. */
  readonly profile: GivenProfile;
  /** t^d: time between items of the stream, ms. */
  readonly arrivalInterval: number;
  /** Ledger bytes that the run may use; null for no limit. */
  readonly memoryBudget: number | null;
  /** c: an item's value decays as exp(-c * delay), 1/ms; default 0.01 / arrivalInterval. */
  readonly valueDecay?: number;
  /** V_D; default 1. */
  readonly itemValue?: number;
  /** Default: one executor and nothing else. */
  readonly overheads?: Partial<Overheads>;
  /** Leave out partitions with more stages. */
  readonly maxStages?: number;
  /** Use this partition, first layer of every stage, instead of searching; one stage is allowed. */
  readonly partition?: readonly number[];
  /**
   * With `partition`: use these workers too, instead of searching; the plan says what they cost.
   */
  readonly workers?: readonly WorkerConfiguration[];
  /**
   * The most items in flight at each stage, over all of `workers`. Default for "progress": as many
   * as evenly spaced items need; for "paper": as many as 1F1B allows each worker.
   */
  readonly inFlight?: readonly number[];
  /** Leave out plans with more workers. */
  readonly maxWorkers?: number;
  /**
   * D: compute units (cores, streams, devices) that share the work; default one for each stage of
   * each worker. A plan that asks more of them is stretched (`stretch` in cost.ts).
   */
  readonly computeUnits?: number;
  /** Speed of each unit; 1 is the speed that the profile was taken at. Default 1 each. */
  readonly unitSpeeds?: readonly number[];
  /**
   * What is planned for; default "paper": R (Eq. 3). "progress" (`expectedProgress`) also counts
   * staleness, gathering and the compensation that will run, which R does not.
   */
  readonly objective?: "paper" | "progress";
  /**
   * For "progress": the compensations to choose from; default: only `none`. Each states its own
   * vectors, which replace `overheads.compensationVectors`.
   */
  readonly compensations?: readonly CompensationChoice[];
  /** For "progress": what turns gradients into steps, sgd (default), momentum or adam. */
  readonly optimizer?: string;
  /**
   * For "paper": name of the compensation that will run, so that the prediction counts its time.
   */
  readonly compensation?: string;
  /** The inner search for R; default "exact". "greedy" is the paper's, for comparison. */
  readonly strategy?: "exact" | "greedy";
  /**
   * How long the greedy search may take, ms of a present-day core; default 250, and 1 more for
   * each layer. The exact search may take twice as long. Both count their steps and read no clock,
   * so the plan is the same on every machine. See `Plan.optimalityGap`.
   */
  readonly patience?: number;
  /** Called with how far the exact search has come. */
  readonly onProgress?: (progress: SearchProgress) => void;
}

/** A stream that needs more workers than this is too fast for the machine. */
const mostWorkers = 4096;

/** Every field of a request, which the compiler holds to `PlanRequest`. */
const requestFields = Object.keys({
  profile: 0,
  arrivalInterval: 0,
  memoryBudget: 0,
  valueDecay: 0,
  itemValue: 0,
  overheads: 0,
  maxStages: 0,
  partition: 0,
  workers: 0,
  inFlight: 0,
  maxWorkers: 0,
  computeUnits: 0,
  unitSpeeds: 0,
  objective: 0,
  compensations: 0,
  optimizer: 0,
  compensation: 0,
  strategy: 0,
  patience: 0,
  onProgress: 0,
} satisfies Record<keyof PlanRequest, 0>);

/**
 * Partitions to search. Only pipelines count: a single stage with one worker is the sequential
 * learner that drops what it cannot take, so plans have two stages or more wherever the model has
 * two layers that take time.
 */
function candidatePartitions(profile: Profile, maxStages: number | undefined): number[][] {
  const pipelined = layerTimes(profile).filter((time) => time > 0).length >= 2;
  const most =
    maxStages === undefined ? Number.POSITIVE_INFINITY : checkWhole(maxStages, "maxStages", 1);
  const all = partitions(profile);
  const canCut = all.some((partition) => partition.length >= 2);
  const wanted = all.filter((partition) => partition.length >= 2 || !pipelined || !canCut);
  const found = wanted.filter((partition) => partition.length <= most);
  if (found.length === 0) {
    const fewest = Math.min(...wanted.map((partition) => partition.length));
    throw expected(`a whole number of at least ${fewest}`, "maxStages", maxStages);
  }
  return found;
}

function checkCuts(partition: number[], profile: Profile): number[] {
  const passed = profile.layers.findIndex(
    ({ startsStage }, index) => index > 0 && startsStage && !partition.includes(index),
  );
  if (passed > 0)
    throw expected(
      `a stage that starts at layer ${passed}, as the profile fixes it,`,
      "partition",
      partition,
    );
  const glued = partition.find((first) => first > 0 && profile.layers[first]?.cuttable === false);
  if (glued !== undefined)
    throw expected(
      `no stage that starts at layer ${glued}, which is not cuttable,`,
      "partition",
      partition,
    );
  return partition;
}

/**
 * D, and the profile at the units' speed. In a pool where no unit idles while another has a queue,
 * a unit of twice the speed does twice as many actions, so an action takes time / mean speed.
 */
function checkUnits(
  request: Omit<PlanRequest, "memoryBudget">,
  profile: Profile,
): { computeUnits: number | undefined; paced: Profile } {
  const { computeUnits, unitSpeeds } = request;
  const count =
    computeUnits === undefined ? undefined : checkPositive(computeUnits, "computeUnits");
  if (unitSpeeds === undefined) return { computeUnits: count, paced: profile };
  const speeds = checkArray(unitSpeeds, "unitSpeeds").map((speed, unit) =>
    checkPositive(speed, `unitSpeeds[${unit}]`),
  );
  if (speeds.length === 0 || (count !== undefined && count !== speeds.length))
    throw expected(
      `${count ?? "at least 1"} entries, one per compute unit,`,
      "unitSpeeds",
      unitSpeeds,
    );
  const mean = speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length;
  const layers = profile.layers.map((layer) => ({
    ...layer,
    forwardTime: layer.forwardTime / mean,
    backwardTime: layer.backwardTime / mean,
    ...(layer.compensationTimes && {
      compensationTimes: Object.fromEntries(
        Object.entries(layer.compensationTimes).map(([name, time]) => [name, time / mean]),
      ),
    }),
  }));
  const sequentialTime = profile.sequentialTime / mean;
  return { computeUnits: speeds.length, paced: { ...profile, layers, sequentialTime } };
}

/** The compensations that a request lets the plan choose from. */
export function checkCompensations(
  value: PlanRequest["compensations"],
): readonly CompensationChoice[] {
  if (value === undefined) return [uncompensated];
  const choices = checkArray(value, "compensations").map((entry, index) => {
    const at = `compensations[${index}]`;
    const choice = checkObject(entry, at);
    checkFields(choice, at, ["name", "vectors", "stalenessCost", "takesGroups"]);
    const { takesGroups = true } = choice;
    return {
      takesGroups: checkBoolean(takesGroups, `${at}.takesGroups`),
      name: checkString(choice.name, `${at}.name`),
      vectors: checkWhole(choice.vectors, `${at}.vectors`),
      stalenessCost: checkAmount(choice.stalenessCost, `${at}.stalenessCost`),
    };
  });
  if (choices.length === 0) throw expected("at least one compensation", "compensations", value);
  const names = choices.map(({ name }) => name);
  const twice = names.findIndex((name, index) => names.indexOf(name) < index);
  if (twice >= 0) throw expected("another name", `compensations[${twice}].name`, names[twice]);
  return choices;
}

/** Checks a request and lays out one inner problem for each partition. */
export function problems(request: Omit<PlanRequest, "memoryBudget">): Problem[] {
  checkFields(checkObject(request, "request"), "request", requestFields);
  const { computeUnits, paced: profile } = checkUnits(request, parseProfile(request.profile));
  const maxWorkers =
    request.maxWorkers === undefined
      ? mostWorkers
      : checkWhole(request.maxWorkers, "maxWorkers", 1);
  const arrivalInterval = checkPositive(request.arrivalInterval, "arrivalInterval");
  if (!Number.isFinite(1 / arrivalInterval))
    throw expected("a time whose inverse is finite", "arrivalInterval", arrivalInterval);
  const valueDecay = checkAmount(request.valueDecay ?? 0.01 / arrivalInterval, "valueDecay");
  const itemValue = checkPositive(request.itemValue ?? 1, "itemValue");
  const overheads = checkOverheads(request.overheads ?? {});
  const compensation =
    request.compensation === undefined
      ? undefined
      : checkString(request.compensation, "compensation");
  const optimizer =
    request.optimizer === undefined
      ? undefined
      : checkOneOf(request.optimizer, "optimizer", progressOptimizers);
  const candidates =
    request.partition === undefined
      ? candidatePartitions(profile, request.maxStages)
      : [checkCuts(checkPartition(request.partition, "partition", profile.layers.length), profile)];
  return candidates.map((partition) => {
    const times = stageTimes(profile, partition);
    if (fullWorkerCount(times, arrivalInterval) > mostWorkers)
      throw expected(
        `an interval that ${mostWorkers} workers can keep up with (each takes ` +
          `${workerTime(times, false).toPrecision(3)} ms for an item)`,
        "arrivalInterval",
        arrivalInterval,
        "let items come further apart",
      );
    return {
      profile,
      partition,
      arrivalInterval,
      valueDecay,
      itemValue,
      overheads,
      maxWorkers,
      ...(compensation === undefined ? {} : { compensation }),
      ...(optimizer === undefined ? {} : { optimizer }),
      ...(computeUnits === undefined ? {} : { computeUnits }),
    };
  });
}
