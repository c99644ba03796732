import {
  checkAmount,
  checkCut,
  checkObject,
  checkOneOf,
  checkPositive,
  checkString,
} from "./check.js";
import { stageRanges } from "./cost.js";
import type { Profile } from "./profile.js";
import { checkInFlight } from "./slots.js";
import { limited, type SteadyState, steadyState } from "./steady-state.js";
import { checkWorkers, type WorkerConfiguration } from "./worker.js";

/** What a repair of stale gradients costs and achieves, so that the plan can choose one. */
export interface CompensationChoice {
  /** Its name in the plan. */
  readonly name: string;
  /** Vectors that it keeps, each as long as the parameters. */
  readonly vectors: number;
  /** k: a gradient that comes d gradients late counts as 1 / (1 + k d)^p of a fresh one. */
  readonly stalenessCost: number;
  /**
   * False if it is for updates of one gradient each, so that plans with it do not use T2; default
   * true.
   */
  readonly takesGroups?: boolean;
}

/** No compensation: gradients are applied as they come. */
export const uncompensated: CompensationChoice = { name: "none", vectors: 0, stalenessCost: 0.24 };

/** How much is learned from gradients with an optimizer. */
interface Learning {
  /** Exponent of c: an update of c gathered gradients steps once where they would step c times. */
  readonly gatheringCost: number;
  /**
   * How much less a layer weighs in what is learned than the next one towards the output: exp(-x).
   */
  readonly learningDecay: number;
  /** The same of what its lateness costs. */
  readonly latenessDecay: number;
  /** p of 1 / (1 + k d)^p: above 1, more gradients can teach less if they come later. */
  readonly power: number;
  /** Whether d counts updates, however many gradients each is made of. */
  readonly countsUpdates: boolean;
}

/**
 * In plain descent more gradients never teach less, however late they come. If steps also contain
 * past gradients, late gradients ask for the same steps again and again, at the first layers too:
 * what is learned there counts for less, and lateness there for more. In the fit, gradients that
 * were gathered count as one late gradient.
 */
const learningBehind: Readonly<Record<string, Learning>> = {
  sgd: {
    gatheringCost: 0.2,
    learningDecay: 0,
    latenessDecay: 1.2,
    power: 1,
    countsUpdates: false,
  },
  momentum: {
    gatheringCost: 0.6,
    learningDecay: 1.2,
    latenessDecay: 0.8,
    power: 2,
    countsUpdates: true,
  },
  adam: {
    gatheringCost: 0.6,
    learningDecay: 1.2,
    latenessDecay: 0.4,
    power: 2,
    countsUpdates: true,
  },
};

/** The optimizers for which progress has been fitted. */
export const progressOptimizers: readonly string[] = Object.keys(learningBehind);

/** A layer of s bytes of parameters weighs s^a: in what is learned, and in what lateness costs. */
const learningExponent = 0.1;
const latenessExponent = 0.2;

/** What `expectedProgress` is asked. */
export interface ProgressRequest {
  readonly profile: Profile;
  readonly partition: readonly number[];
  readonly workers: readonly WorkerConfiguration[];
  /** t^d, ms. */
  readonly arrivalInterval: number;
  /** D: compute units that share the work; default as many as there are stages. */
  readonly computeUnits?: number;
  /** k of the compensation that will run; default 0.24, that of `none`. */
  readonly stalenessCost?: number;
  /** What turns gradients into steps: sgd (default), momentum or adam. */
  readonly optimizer?: string;
  /** Name of the compensation, for the time that it takes by the profile; default none. */
  readonly compensation?: string;
  /**
   * The most items in flight at each stage, over all workers; default: as 1F1B allows each worker.
   */
  readonly inFlight?: readonly number[];
}

/**
 * How much a plan learns from an item (ours): the gradients that a layer gets for each item that
 * arrives, weighted by what lateness and gathering leave of them, as a geometric mean over the
 * layers with parameters. It is 1 if every item is learned at once, and 1 / pressure for the
 * sequential learner.
 *
 * ```
 * log progress = Σ_l v_l log( u_l / c_l^0.2 )  -  p Σ_l w_l log(1 + k d_l)
 *
 * of the stage that layer l is in:
 *   u    gradients an item: Σ_n t^d / interval_n / L_{n,i}                    drops and T3
 *   c    gradients gathered before an update, or while one waits              T2
 *   d    gradients that come between: tau c, with tau as in `steadyState`
 * v_l    s^0.1 of a layer with s bytes of parameters; they sum to 1, as the w_l do
 * w_l    s^0.2, and e^1.2 less with each layer away from the output
 * p      1
 *
 * with momentum or Adam, by other constants: u / c^0.6, d = tau, p = 2; with each layer away from the output v_l
 * is e^1.2 less, and w_l e^0.8 (momentum) or e^0.4 (Adam)
 * ```
 *
 * Late gradients overshoot, most of all in the layers next to the loss, which adapt fastest, and in
 * those with many inputs. R (Eq. 3) only counts gradients, and weights stages by their parameters.
 * The constants were fitted to runs of random plans, see the README.
 *
 * @throws InputError that names the field that is missing or wrong.
 */
export function expectedProgress(request: ProgressRequest): number {
  checkObject(request, "request");
  const { profile, partition, workers, arrivalInterval, computeUnits } = request;
  const { stalenessCost, optimizer, compensation, inFlight } = request;
  checkCut(profile, partition);
  checkWorkers(workers, "workers", partition.length);
  checkPositive(arrivalInterval, "arrivalInterval");
  if (computeUnits !== undefined) checkPositive(computeUnits, "computeUnits");
  if (stalenessCost !== undefined) checkAmount(stalenessCost, "stalenessCost");
  if (optimizer !== undefined) checkOneOf(optimizer, "optimizer", progressOptimizers);
  if (compensation !== undefined) checkString(compensation, "compensation");
  if (inFlight !== undefined) checkInFlight(inFlight, "inFlight", partition.length);
  return progressOf(request);
}

/** `expectedProgress` of what is known to be right. */
export function progressOf(request: ProgressRequest): number {
  const { profile, partition, workers, arrivalInterval, computeUnits, inFlight } = request;
  const cost = request.stalenessCost ?? uncompensated.stalenessCost;
  const free = steadyState(profile, partition, workers, arrivalInterval, computeUnits, request);
  const state = inFlight ? limited(free, inFlight) : free;
  const weights = stageWeights(profile, partition, request.optimizer);
  return progressFrom(weights, state, arrivalInterval, cost);
}

/** By stage, what its layers weigh; each of the two sums to 1 over the stages. */
export interface StageWeights extends Pick<Learning, "gatheringCost" | "power" | "countsUpdates"> {
  /** In the mean of what is learned. */
  readonly learning: readonly number[];
  /** In the mean of what lateness costs. */
  readonly lateness: readonly number[];
}

export function stageWeights(
  profile: Profile,
  partition: readonly number[],
  optimizer = "sgd",
): StageWeights {
  const { learningDecay, latenessDecay, ...rest } = learningBehind[optimizer] as Learning;
  const stages = stageRanges(partition, profile.layers.length).map(({ first, end }) =>
    profile.layers
      .slice(first, end)
      .map(({ parameterBytes }) => parameterBytes)
      .filter((bytes) => bytes > 0),
  );
  const count = stages.flat().length;
  let layer = 0;
  const sums = stages.map((sizes) => {
    let [learning, lateness] = [0, 0];
    for (const size of sizes) {
      layer += 1;
      const depth = count - layer;
      learning += size ** learningExponent * Math.exp(-learningDecay * depth);
      lateness += size ** latenessExponent * Math.exp(-latenessDecay * depth);
    }
    return { learning, lateness };
  });
  const shares = (of: "learning" | "lateness") => {
    const total = sums.reduce((sum, each) => sum + each[of], 0);
    return sums.map((each) => (total > 0 ? each[of] / total : 0));
  };
  return { learning: shares("learning"), lateness: shares("lateness"), ...rest };
}

/** The same from a steady state: a search asks thousands of times. */
export function progressFrom(
  weights: StageWeights,
  { gradients, updates, staleness }: SteadyState,
  arrivalInterval: number,
  stalenessCost: number,
): number {
  let log = 0;
  let isAny = false;
  for (let stage = 0; stage < gradients.length; stage += 1) {
    const share = weights.learning[stage] as number;
    if (share === 0) continue;
    isAny = true;
    const learned = gradients[stage] as number;
    const gathered = learned / (updates[stage] as number);
    const late = (staleness[stage] as number) * (weights.countsUpdates ? 1 : gathered);
    log +=
      share * (Math.log(learned * arrivalInterval) - weights.gatheringCost * Math.log(gathered));
    const lateness = weights.power * (weights.lateness[stage] as number);
    log -= lateness * Math.log1p(stalenessCost * late);
  }
  return isAny ? Math.exp(log) : 0;
}
