import type { PlannedClock, PlanningGoal } from "@ferret-ocl/pipeline/engine";
import {
  type BudgetedPlan,
  formatBytes,
  type Overheads,
  type Plan,
  type Profile,
} from "@ferret-ocl/planner";
import { givenFor } from "./given-plan.js";
import { inOwnWords } from "./own-words.js";
import { planOnce } from "./plan-cache.js";
import { formatTime } from "./report/format.js";
import type { RunSetting, SettingChange } from "./setting.js";

/**
 * Plans a run, and makes a new plan for each change of its budget, pace or compute units. All of
 * this is done before the run begins: what cannot be planned is refused then, not in the middle.
 */
export class RunPlanner {
  /** The plan that the run begins with. */
  readonly first: BudgetedPlan;
  readonly #later = new Map<SettingChange, Plan>();
  readonly #setting: RunSetting;
  readonly #profile: Profile;
  readonly #overheads: Overheads;
  #goal: PlanningGoal;
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
    goal: PlanningGoal,
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

  #search(): BudgetedPlan {
    const { engine, arrival, threads } = this.#setting;
    const { memoryBudget, units, arrivalInterval } = this.#now;
    const clock: PlannedClock =
      engine === "virtual"
        ? { kind: "virtual", ...units }
        : {
            kind: "threads",
            count: units.computeUnits ?? threads,
            isUnpaced: arrival === "max",
          };
    return planOnce(clock, memoryBudget, {
      ...givenFor(this.#profile, this.#setting.given),
      ...this.#goal,
      profile: this.#profile,
      overheads: this.#overheads,
      arrivalInterval,
    });
  }
}
