import { checkArray, checkCut, checkObject } from "./check.js";
import { canBeLate, compensationTimes } from "./compensation-time.js";
import { stageRanges } from "./cost.js";
import { stageBytes } from "./memory.js";
import { plan } from "./plan.js";
import { goal, type Plan } from "./plan-format.js";
import { parseProfile } from "./profile.js";
import type { PlanRequest } from "./request.js";
import { slots } from "./slots.js";
import { withTechniques } from "./technique.js";
import { plainWorkers, type WorkerConfiguration } from "./worker.js";

/** What one stage holds and costs, over all workers. */
export interface StageExplanation {
  readonly layers: readonly string[];
  /** ms on a learn batch, and as a share of the slowest stage. */
  readonly forwardTime: number;
  readonly backwardTime: number;
  /** ms that the compensation takes for a gradient in addition; 0 if none can be late. */
  readonly compensationTime: number;
  /** Weight versions, the newest included. */
  readonly versions: number;
  /** The most items, over all workers, whose backward pass is still to come. */
  readonly inFlight: number;
  /** Bytes of parameters, versions, accumulator, activations and the boundary after the stage. */
  readonly bytes: {
    readonly parameters: number;
    readonly versions: number;
    readonly accumulator: number;
    readonly activations: number;
    readonly boundary: number;
  };
}

/** A technique of the plan, compared with the same plan without it. */
export interface TechniqueExplanation {
  /** T1 recompute, T2 accumulate, T3 omit, T4 a worker left out. */
  readonly technique: "T1" | "T2" | "T3" | "T4";
  /** The worker; null for T4. */
  readonly worker: number | null;
  /** The stage; null for T1 and T4. */
  readonly stage: number | null;
  /** c^a for T2, c^o for T3, else 1. */
  readonly setting: number;
  /** R of the plan minus R without the technique; below 0 if the technique costs R. */
  readonly rateChange: number;
  /** The same for the progress, in a plan for progress. */
  readonly progressChange?: number;
  /** Bytes of the plan minus bytes without the technique. */
  readonly memoryChange: number;
}

/** Why a plan is as it is, see `explain`. */
export interface Explanation {
  readonly stages: readonly StageExplanation[];
  readonly techniques: readonly TechniqueExplanation[];
  /** What 1 MiB more of budget would buy; null without a budget. */
  readonly nextMebibyte: {
    readonly rate: number;
    /** In a plan for progress. */
    readonly progress?: number;
    readonly memory: number;
  } | null;
}

/** Every technique in use, with the workers that would be left without it. */
function* techniquesOf(found: Plan): Generator<
  Pick<TechniqueExplanation, "technique" | "worker" | "stage" | "setting"> & {
    without: WorkerConfiguration[];
  }
> {
  const { workers, stageCount } = found;
  for (const [worker, each] of workers.entries()) {
    const replaced = (other: WorkerConfiguration) => workers.with(worker, other);
    if (each.recompute) {
      const without = replaced({ ...each, recompute: false });
      yield { technique: "T1", worker, stage: null, setting: 1, without };
    }
    for (let stage = 0; stage < stageCount; stage += 1) {
      const accumulate = each.accumulate[stage] as number;
      const omit = each.omit[stage] as number;
      const at = { worker, stage };
      if (accumulate > 1) {
        const without = replaced(withTechniques(each, stage, 1, omit));
        yield { technique: "T2", ...at, setting: accumulate, without };
      }
      if (omit > 0) {
        const without = replaced(withTechniques(each, stage, accumulate, 0));
        yield { technique: "T3", ...at, setting: omit, without };
      }
    }
  }
  if (found.removedWorkers > 0) {
    const without = [...workers, ...plainWorkers(stageCount, 1)];
    yield { technique: "T4", worker: null, stage: null, setting: 1, without };
  }
}

/**
 * Why a plan is as it is: what its stages hold, what each technique costs and saves compared with
 * the same plan without it (T4: with one more plain worker), and what 1 MiB more would buy.
 *
 * @param request the one that the plan was made for.
 * @throws InputError as `plan` does.
 */
export function explain(found: Plan, request: PlanRequest): Explanation {
  checkObject(found, "plan");
  const { profile: given } = checkObject(request, "request") as unknown as PlanRequest;
  const profile = parseProfile(given);
  const { partition, workers, inFlight } = found;
  checkCut(profile, partition);
  checkArray(workers, "plan.workers");
  const counts = slots(partition, workers, inFlight);
  const bytes = stageBytes(profile, partition);
  const at = (values: readonly number[], stage: number) => values[stage] as number;
  const name = found.compensation ?? request.compensation;
  const repairs = name === undefined ? null : compensationTimes(profile, partition, name);
  const stages = stageRanges(partition, profile.layers.length).map(({ first, end }, stage) => {
    const layers = profile.layers.slice(first, end);
    return {
      layers: layers.map(({ name }) => name),
      forwardTime: layers.reduce((sum, layer) => sum + layer.forwardTime, 0),
      backwardTime: layers.reduce((sum, layer) => sum + layer.backwardTime, 0),
      compensationTime: repairs && canBeLate(counts, stage) ? at(repairs, stage) : 0,
      versions: at(counts.versions, stage),
      inFlight: at(counts.inFlight, stage),
      bytes: {
        parameters: at(bytes.parameters, stage),
        versions: (at(counts.versions, stage) - 1) * at(bytes.parameters, stage),
        accumulator: counts.accumulators[stage] ? at(bytes.parameters, stage) : 0,
        activations: at(counts.saved, stage) * at(bytes.saved, stage),
        boundary: at(counts.boundaries, stage) * at(bytes.boundary, stage),
      },
    };
  });
  // What a technique gains is computed with the plan's own compensation.
  const choices = request.compensations?.filter(({ name }) => name === found.compensation) ?? [];
  const held = choices.length > 0 ? { compensations: choices } : {};
  const techniques = [...techniquesOf(found)].map(({ without, ...technique }) => {
    const other = plan({ ...request, ...held, memoryBudget: null, partition, workers: without });
    return {
      ...technique,
      rateChange: found.adaptationRate - other.adaptationRate,
      ...(found.progress !== undefined &&
        other.progress !== undefined && { progressChange: found.progress - other.progress }),
      memoryChange: found.memory.total - other.memory.total,
    };
  });
  if (found.memoryBudget === null) return { stages, techniques, nextMebibyte: null };
  const { workers: _, inFlight: __, ...free } = request;
  const more = plan({ ...free, memoryBudget: found.memoryBudget + 2 ** 20 });
  const next = goal(more) > goal(found) ? more : found;
  const { adaptationRate: rate, progress } = next;
  const nextMebibyte = {
    rate,
    ...(progress !== undefined && { progress }),
    memory: next.memory.total,
  };
  return { stages, techniques, nextMebibyte };
}
