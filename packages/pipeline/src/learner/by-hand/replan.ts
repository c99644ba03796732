import {
  type MemoryPrediction,
  plan as makePlan,
  noOverheads,
  type Overheads,
  type Plan,
  type Profile,
  parsePlan,
  predictMemory,
} from "@ferret-ocl/planner";
import { checkInterval, checkRecord } from "../../check-options.js";
import type { UnitOptions } from "../../clock/virtual/units.js";
import { expected, InputError } from "../../errors.js";
import type { LearningAlgorithm } from "../../execute/algorithm.js";
import { checkOneStage, partitionFor } from "../../execute/whole-update.js";
import type { Ledger } from "../../memory/ledger.js";

/** What changes while the stream flows; what is left out stays as it is. */
export interface PlanChange {
  /**
   * Compute units from then on, for the plan and the virtual clock (on threads only for the plan);
   * null: no limit.
   */
  readonly units?: UnitOptions | null;
  /** Bytes; null for no limit. */
  readonly memoryBudget?: number | null;
  /** Milliseconds between the items to come. */
  readonly arrivalInterval?: number;
  /** Apart from compensation and optimizer: replay, an algorithm's own memory and the like. */
  readonly overheads?: Partial<Overheads>;
  /** A plan made elsewhere, instead of a new search. */
  readonly plan?: Plan;
}

/** A completed change of plans. */
export interface PlanSwitch {
  /** Items that had come when it was requested, and when it was complete. */
  readonly requestedAt: number;
  readonly completedAt: number;
  /** Milliseconds on the run's clock without a new item taken in. */
  readonly pause: number;
  readonly from: SwitchedPlan;
  readonly to: SwitchedPlan;
  /** Ledger bytes before, between the plans, and after. */
  readonly memory: { readonly before: number; readonly between: number; readonly after: number };
  /** Requests that this one replaced before they were complete, the oldest first. */
  readonly superseded: readonly { readonly requestedAt: number; readonly to: SwitchedPlan }[];
}

interface SwitchedPlan {
  readonly stageCount: number;
  readonly workerCount: number;
  readonly memoryBudget: number | null;
  /** Ledger bytes that the plan says it holds. */
  readonly planned: MemoryPrediction;
}

/** Whether a plan works as another one does, so that nothing needs to stop for it. */
export function isSameCourse(a: Plan, b: Plan): boolean {
  const courseOf = ({ partition, workers, inFlight }: Plan) =>
    JSON.stringify([
      partition,
      workers.map(({ recompute, accumulate, omit }) => [recompute, accumulate, omit]),
      inFlight ?? null,
    ]);
  return courseOf(a) === courseOf(b);
}

/**
 * The plan after a change.
 * @throws InputError if no configuration fits, or a plan made elsewhere is not for this model.
 */
export function nextPlan(
  change: PlanChange,
  now: {
    readonly profile: Profile;
    readonly plan: Plan;
    readonly units?: UnitOptions;
    readonly compensator: { readonly name?: string; readonly stateVectors: number };
    /** Vectors as long as the parameters that the optimizer keeps. */
    readonly optimiserVectors: number;
    readonly overheads?: Partial<Overheads>;
    readonly algorithm: LearningAlgorithm;
  },
): Plan {
  const { profile, plan, compensator, optimiserVectors, algorithm } = now;
  checkRecord(change, "change");
  const { arrivalInterval, plan: given } = change;
  if (arrivalInterval !== undefined) checkInterval(arrivalInterval);
  if (given) {
    const last = parsePlan(given).partition.at(-1) ?? 0;
    if (given.model !== profile.model || last >= profile.layers.length)
      throw expected(`a plan of the model "${profile.model}"`, "plan", given.model);
    checkOneStage(algorithm, given.partition, "plan.partition");
    return given;
  }
  const { computeUnits, unitSpeeds } =
    (change.units === undefined ? now.units : change.units) ?? {};
  return makePlan({
    profile,
    ...partitionFor(algorithm),
    ...(computeUnits === undefined ? {} : { computeUnits }),
    ...(unitSpeeds === undefined ? {} : { unitSpeeds }),
    arrivalInterval: change.arrivalInterval ?? plan.arrivalInterval,
    memoryBudget: change.memoryBudget === undefined ? plan.memoryBudget : change.memoryBudget,
    ...(compensator.name === undefined ? {} : { compensation: compensator.name }),
    overheads: {
      compensationVectors: compensator.stateVectors,
      optimiserVectors,
      ...now.overheads,
      ...change.overheads,
    },
  });
}

/**
 * Refuses a plan whose buffers would not fit together with what stays, before anything of the old
 * plan is released.
 * @throws InputError that names the missing bytes.
 */
export function expectRoom(
  { partition, workers, inFlight, memoryBudget }: Plan,
  now: {
    readonly profile: Profile;
    /** What the run takes besides partition and workers, without what the algorithm allocates. */
    readonly overheads: Partial<Overheads>;
    readonly ledger: Ledger;
    /** Bytes that the old plan will release. */
    readonly released: number;
  },
): void {
  if (memoryBudget === null) return;
  const { profile, ledger, released } = now;
  const overheads = { ...noOverheads, ...now.overheads, replayBytes: 0 };
  const { total, byCategory } = predictMemory(profile, partition, workers, overheads, inFlight);
  // The parameters stay where they are.
  const staying = ledger.held.total - released - byCategory.parameters;
  const missing = total + Math.max(0, staying) - memoryBudget;
  if (missing > 0)
    throw new InputError(
      `Expected the plan's buffers to fit its budget of ${memoryBudget} bytes but ${missing} ` +
        "bytes are missing besides what the algorithm holds; count that in overheads, or raise " +
        "the budget",
    );
}

/**
 * Follows switches from the request to the end, and holds the ledger to the smaller of the two
 * budgets until the old plan's buffers are released.
 */
export class SwitchLog {
  readonly switches: PlanSwitch[] = [];
  readonly #ledger: Ledger;
  #pending: {
    readonly from: Plan;
    readonly to: Plan;
    readonly items: number;
    readonly superseded: PlanSwitch["superseded"];
    /** When the first request came. */
    readonly time: number;
    /** The ledger's budget before the first request. */
    readonly budget: number | null;
    before: number;
    between: number;
  } | null = null;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /**
   * Goes on from the switches of a learner that was saved under the plan `from`; where the plan is
   * another one now, that is one more of them.
   * @param held the ledger's bytes when it was saved.
   */
  restore(
    switches: readonly PlanSwitch[],
    from: Plan,
    to: Plan,
    items: number,
    held: number,
  ): void {
    this.switches.push(...switches);
    if (isSameCourse(from, to) && from.memoryBudget === to.memoryBudget) return;
    this.switches.push({
      requestedAt: items,
      completedAt: items,
      pause: 0,
      from: describe(from),
      to: describe(to),
      memory: { before: held, between: 0, after: this.#ledger.held.total },
      superseded: [],
    });
  }

  /** Whether a switch is still under way. */
  get isPending(): boolean {
    return this.#pending !== null;
  }

  /** @param time milliseconds on the run's clock. */
  request(from: Plan, to: Plan, items: number, time: number): void {
    const { total } = this.#ledger.held;
    const last = this.#pending;
    this.#pending = {
      // A request on top of another one that is under way: the pause began with the first.
      from: last?.from ?? from,
      to,
      items,
      superseded: last
        ? [...last.superseded, { requestedAt: last.items, to: describe(last.to) }]
        : [],
      time: last?.time ?? time,
      budget: last ? last.budget : this.#ledger.budget,
      before: total,
      between: total,
    };
    this.#ledger.limit(smaller(this.#pending.budget, to.memoryBudget));
  }

  /** The old plan's buffers have been released; those of the new one may be taken. */
  released(): void {
    if (!this.#pending) return;
    this.#pending.between = this.#ledger.held.total;
    this.#ledger.limit(this.#pending.to.memoryBudget);
  }

  /** The new plan's buffers have been taken. */
  complete(items: number, time: number): void {
    if (!this.#pending) return;
    const { from, to, before, between, superseded, ...begin } = this.#pending;
    this.switches.push({
      requestedAt: begin.items,
      completedAt: items,
      pause: time - begin.time,
      from: describe(from),
      to: describe(to),
      memory: { before, between, after: this.#ledger.held.total },
      superseded,
    });
    this.#pending = null;
  }
}

function smaller(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

function describe({ stageCount, workerCount, memoryBudget, memory }: Plan): SwitchedPlan {
  return { stageCount, workerCount, memoryBudget, planned: memory };
}
