import {
  formatBytes,
  type Overheads,
  type Plan,
  type PlanRequest,
  type Profile,
  plan,
} from "@ferret-ocl/planner";
import { type BudgetedPlan, planUnder } from "./budget.js";
import { givenFor } from "./given-plan.js";
import { inOwnWords } from "./own-words.js";
import { predictionTime } from "./pace.js";
import { formatTime } from "./report/format.js";
import type { RunSetting, SettingChange } from "./setting.js";

/**
 * How much faster than they do items are planned to come where time is real, to as many more
 * threads. Threads that share caches slow each other down, and predictions come first, so a stage
 * that would be busy nearly all the time, whatever the threads can do, would drop items.
 */
const wallClockHeadroom = 1.5;

/** What plans of a run are chosen for, and which compensations they may have. */
export type Goal = Pick<PlanRequest, "objective" | "compensation" | "compensations" | "optimizer">;

/**
 * Plans a run, and plans it anew for each change of its budget, its pace or its compute units. All of
 * it is done before the run begins: what cannot be planned is refused then, not in the middle.
 */
export class RunPlanner {
  /** The plan that the run begins with. */
  readonly first: BudgetedPlan;
  readonly #later = new Map<SettingChange, Plan>();
  readonly #setting: RunSetting;
  readonly #profile: Profile;
  readonly #overheads: Overheads;
  #goal: Goal;
  #now: Pick<RunSetting, "memoryBudget" | "units"> & { readonly arrivalInterval: number };

  /**
   * @param arrivalInterval milliseconds between items.
   * @param goal the compensation that the first plan chooses is that of the later ones: what it
   *   knows of the stream goes on.
   * @throws InputError where no plan fits, at the beginning or after a change.
   */
  constructor(
    setting: RunSetting,
    profile: Profile,
    overheads: Overheads,
    arrivalInterval: number,
    goal: Goal,
  ) {
    this.#setting = setting;
    this.#profile = profile;
    this.#overheads = overheads;
    const { memoryBudget, units } = setting;
    this.#now = { memoryBudget, units, arrivalInterval };
    this.#goal = goal;
    this.first = this.#plan();
    const chosen = goal.compensations?.find(({ name }) => name === this.first.plan.compensation);
    if (chosen) this.#goal = { ...goal, compensations: [chosen] };
    for (const change of setting.changes) this.#later.set(change, this.#planAfter(change));
  }

  /** The first one and those after each change. */
  get plans(): readonly Plan[] {
    return [this.first.plan, ...this.#later.values()];
  }

  /** The plan after a change of the setting's, on top of those before. */
  after(change: SettingChange): Plan {
    const found = this.#later.get(change);
    if (!found) throw new Error("Expected a change of the setting that the run was planned for");
    return found;
  }

  #planAfter(changed: SettingChange): Plan {
    const { at, computeUnits, ...change } = changed;
    const units = computeUnits === undefined ? this.#now.units : { computeUnits };
    this.#now = { ...this.#now, ...change, units };
    return this.#plan(changed).plan;
  }

  /** @param change the one that it is for; default the beginning. */
  #plan(change?: SettingChange): BudgetedPlan {
    try {
      return this.#search();
    } catch (error) {
      throw inOwnWords(error, this.#wordsFor(change));
    }
  }

  /** What the planner's fields were given by. */
  #wordsFor(change: SettingChange | undefined) {
    const { memoryBudget, arrivalInterval } = this.#now;
    const { arrival } = this.#setting;
    const at = change ? `--change at item ${change.at}` : "";
    const optionOf = (name: string, isChanged: boolean) => {
      if (!change) return `--${name}`;
      return isChanged ? `${name} of ${at}` : `--${name} after ${at}`;
    };
    const isPaced = arrival !== null || change?.arrivalInterval !== undefined;
    return {
      memoryBudget: {
        option: optionOf("memory-budget", change?.memoryBudget !== undefined),
        received: typeof memoryBudget === "number" ? formatBytes(memoryBudget) : memoryBudget,
      },
      arrivalInterval: {
        option: optionOf(isPaced ? "arrival" : "pressure", change?.arrivalInterval !== undefined),
        received: `items ${formatTime(arrivalInterval)} apart`,
      },
    };
  }

  /** On the wall clock with headroom, but the plan's figures are for the true pace. */
  #search(): BudgetedPlan {
    const { engine, arrival, threads } = this.#setting;
    const { memoryBudget, units, arrivalInterval } = this.#now;
    const request = {
      ...givenFor(this.#profile, this.#setting.given),
      ...this.#goal,
      profile: this.#profile,
      overheads: this.#overheads,
      arrivalInterval,
    };
    if (engine === "virtual") return planUnder(memoryBudget, { ...request, ...units });
    const shared = units.computeUnits ?? threads;
    const computeUnits = unitsForLearning(this.#profile, shared, arrivalInterval);
    if (arrival === "max") return planUnder(memoryBudget, { ...request, computeUnits });
    const {
      plan: faster,
      budget,
      ...raised
    } = planUnder(memoryBudget, {
      ...request,
      arrivalInterval: arrivalInterval / wallClockHeadroom,
      computeUnits: computeUnits * wallClockHeadroom,
    });
    const { partition, workers, inFlight } = faster;
    const chosen = this.#goal.compensations?.filter(({ name }) => name === faster.compensation);
    const given = {
      memoryBudget: budget,
      partition,
      workers,
      ...(inFlight && { inFlight }),
      ...(chosen && { compensations: chosen }),
    };
    return { plan: plan({ ...request, ...given, computeUnits }), budget, ...raised };
  }
}

/** Threads that predictions, which come first, leave to learning. */
function unitsForLearning(profile: Profile, threads: number, interval: number): number {
  return Math.max(threads / 100, threads - predictionTime(profile) / interval);
}
