import { plan as makePlan, type Overheads, type Plan, type Profile } from "@ferret-ocl/planner";
import type { UnitOptions } from "./engine/units.js";
import { expected } from "./errors.js";
import type { Ledger } from "./memory/ledger.js";

/** What changes while the stream flows; what is left out stays as it is. */
export interface PlanChange {
  /**
   * Compute units from then on, for the plan and the virtual clock (on threads for the plan alone);
   * null: no limit.
   */
  readonly units?: UnitOptions | null;
  /** Bytes; null for no limit. */
  readonly memoryBudget?: number | null;
  /** Milliseconds between the items to come. */
  readonly arrivalInterval?: number;
  /** Beside compensation: replay, an algorithm's own memory and the like. */
  readonly overheads?: Partial<Overheads>;
  /** A plan made elsewhere, instead of a new search. */
  readonly plan?: Plan;
}

/** A change of plans that is through. */
export interface PlanSwitch {
  /** Items that had come when it was asked for, and when it was through. */
  readonly requestedAt: number;
  readonly completedAt: number;
  /** Milliseconds on the engine's clock without a new item taken in. */
  readonly pause: number;
  readonly from: SwitchedPlan;
  readonly to: SwitchedPlan;
  /** Ledger bytes before, between the plans, and after. */
  readonly memory: { readonly before: number; readonly between: number; readonly after: number };
}

interface SwitchedPlan {
  readonly stageCount: number;
  readonly workerCount: number;
  readonly memoryBudget: number | null;
}

/**
 * The plan after a change.
 * @throws InputError where no configuration fits, or a plan from elsewhere is not for this model.
 */
export function nextPlan(
  change: PlanChange,
  now: {
    readonly profile: Profile;
    readonly plan: Plan;
    readonly units?: UnitOptions;
    readonly compensator: { readonly stateVectors: number };
    readonly overheads?: Partial<Overheads>;
  },
): Plan {
  const { profile, plan, compensator } = now;
  if (change.plan) {
    const last = change.plan.partition.at(-1) ?? 0;
    if (change.plan.model !== profile.model || last >= profile.layers.length)
      throw expected(`a plan of the model "${profile.model}"`, "plan", change.plan.model);
    return change.plan;
  }
  const { computeUnits, unitSpeeds } =
    (change.units === undefined ? now.units : change.units) ?? {};
  return makePlan({
    profile,
    ...(computeUnits === undefined ? {} : { computeUnits }),
    ...(unitSpeeds === undefined ? {} : { unitSpeeds }),
    arrivalInterval: change.arrivalInterval ?? plan.arrivalInterval,
    memoryBudget: change.memoryBudget === undefined ? plan.memoryBudget : change.memoryBudget,
    overheads: {
      compensationVectors: compensator.stateVectors,
      ...now.overheads,
      ...change.overheads,
    },
  });
}

/**
 * Follows switches from the request to the end, and holds the ledger to the smaller one of both
 * budgets until the old plan's buffers are given back.
 */
export class SwitchLog {
  readonly switches: PlanSwitch[] = [];
  readonly #ledger: Ledger;
  #pending: {
    readonly from: Plan;
    readonly to: Plan;
    readonly items: number;
    readonly time: number;
    /** The ledger's budget before the first request. */
    readonly budget: number | null;
    before: number;
    between: number;
  } | null = null;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** @param time milliseconds on the engine's clock. */
  request(from: Plan, to: Plan, items: number, time: number): void {
    const { total } = this.#ledger.held;
    this.#pending = {
      // A request on top of another one that is not through: the pause began with the first.
      from: this.#pending?.from ?? from,
      to,
      items: this.#pending?.items ?? items,
      time: this.#pending?.time ?? time,
      budget: this.#pending ? this.#pending.budget : this.#ledger.budget,
      before: total,
      between: total,
    };
    this.#ledger.limit(smaller(this.#pending.budget, to.memoryBudget));
  }

  /** The old plan's buffers have been given back; those of the new one may be taken. */
  released(): void {
    if (!this.#pending) return;
    this.#pending.between = this.#ledger.held.total;
    this.#ledger.limit(this.#pending.to.memoryBudget);
  }

  /** The new plan's buffers have been taken. */
  complete(items: number, time: number): void {
    if (!this.#pending) return;
    const { from, to, before, between, ...begin } = this.#pending;
    this.switches.push({
      requestedAt: begin.items,
      completedAt: items,
      pause: time - begin.time,
      from: describe(from),
      to: describe(to),
      memory: { before, between, after: this.#ledger.held.total },
    });
    this.#pending = null;
  }
}

function smaller(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

function describe({ stageCount, workerCount, memoryBudget }: Plan): SwitchedPlan {
  return { stageCount, workerCount, memoryBudget };
}
