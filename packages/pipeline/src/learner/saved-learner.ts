import { availableParallelism, cpus } from "node:os";
import {
  InputError,
  type LayerProfile,
  type NamedBudget,
  type Plan,
  type Profile,
  parseProfile,
} from "@ferret-ocl/planner";
import type { LearnerState } from "../checkpoint/learner-state.js";
import { outlineOf, type Recipe } from "./recipe.js";
import type { Settings } from "./settings.js";

/** What plans by a compensation and a budget; `plan`: with its stages and workers. */
type Choose<Chosen> = (compensation: string, budget: number | NamedBudget, plan?: Plan) => Chosen;

/** A learner as it was saved, for who starts it again, in the same way or in another. */
export class SavedLearner {
  readonly state: LearnerState;
  readonly attachment: unknown;
  readonly #recipe: Recipe;
  readonly #profile: Profile;
  /** Names of the options that were given when it was opened. */
  readonly #given: ReadonlySet<string>;

  constructor(
    state: LearnerState,
    recipe: Recipe,
    attachment: unknown,
    given: ReadonlySet<string>,
  ) {
    this.state = state;
    this.attachment = attachment;
    this.#recipe = recipe;
    this.#profile = parseProfile(recipe.present.profile);
    this.#given = given;
  }

  /**
   * The profile that it was planned by, where times were measured on this machine and would only be
   * measured again; else null.
   * @param here a profile of the same model as it is to run.
   */
  profileFor(here: Profile, runtime: string, { timing }: Pick<Settings, "timing">): Profile | null {
    const saved = this.#profile;
    const isKnown =
      timing === "measured" &&
      !this.#given.has("timing") &&
      saved.timing === "measured" &&
      runtime === this.#recipe.present.runtime &&
      saved.machine === thisMachine() &&
      saved.batch === here.batch &&
      saved.learnBatch === here.learnBatch &&
      `${namesOf(saved)}` === `${namesOf(here)}`;
    return isKnown ? saved : null;
  }

  /**
   * Plans anew, or takes the plan that it was saved under where nothing that plans go by has changed.
   * The compensation stays, unless another one is asked for.
   */
  choose<Chosen>(
    now: { readonly settings: Settings; readonly runtime: string; readonly profile: Profile },
    choose: Choose<Chosen>,
  ): Chosen {
    const { compensation, budget } = this.#recipe.present;
    const isAsked = this.#given.has("compensation") || this.#given.has("objective");
    if (this.#isSame(now)) {
      const found = unlessRefused(() =>
        choose(compensation, budget ?? "none", this.state.facts.plan),
      );
      if (found) return found;
    }
    const { settings } = now;
    return choose(isAsked ? settings.compensation : compensation, settings.budget);
  }

  #isSame({
    settings,
    runtime,
    profile,
  }: {
    readonly settings: Settings;
    readonly runtime: string;
    readonly profile: Profile;
  }): boolean {
    const { memoryBudget, arrivalInterval, compensation, clock, present } = this.#recipe;
    return (
      !this.#given.has("plan") &&
      !this.#given.has("objective") &&
      settings.budget === memoryBudget &&
      settings.interval === arrivalInterval &&
      settings.compensation === compensation &&
      runtime === present.runtime &&
      JSON.stringify(outlineOf(settings.clock)) === JSON.stringify(outlineOf(clock)) &&
      JSON.stringify(parseProfile(profile)) === JSON.stringify(this.#profile)
    );
  }
}

const namesOf = ({ layers }: Profile) =>
  layers.map(({ compensationTimes = {} }: LayerProfile) => Object.keys(compensationTimes).sort());

/** As profiles that are measured name it. */
export function thisMachine(): string {
  return `${cpus()[0]?.model.trim() ?? "unknown processor"} (${availableParallelism()} cores)`;
}

/** Undefined where no plan fits. */
function unlessRefused<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
