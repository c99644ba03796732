import type { NamedBudget, Profile } from "@ferret-ocl/planner";
import { checkPlain } from "../check-options.js";
import type { Loss } from "../model/loss.js";
import type { Model, ModelSpecification } from "../model/spec.js";
import type { RuntimeName } from "../runtime/choose.js";
import type { ClockOptions, LearnerOptions } from "./contract.js";
import { namesModule } from "./plan/load-algorithm.js";
import type { RegressorOptions } from "./regressor.js";
import type { Settings } from "./settings.js";

/** How a learner was created, in plain data: what its checkpoints tell besides its state. */
export interface Recipe {
  readonly model: ModelSpecification;
  readonly loss?: Loss | undefined;
  readonly batch: number;
  /** A built-in one by name, or the module that has to be given again. */
  readonly algorithm: { readonly name: string } | { readonly module: string };
  readonly algorithmOptions?: Readonly<Record<string, unknown>> | undefined;
  /** As it was asked for. */
  readonly compensation: string;
  readonly optimizer: string;
  readonly optimizerOptions: Readonly<Record<string, unknown>>;
  readonly learningRate: number;
  readonly seed: number;
  readonly memoryBudget: number | NamedBudget;
  /** Milliseconds; null: none was asked for. */
  readonly arrivalInterval: number | null;
  readonly clock: ClockOptions;
  readonly whenBusy: "drop" | "wait";
  readonly runtime?: RuntimeName | undefined;
  /** Left out: what is usual on the clock. */
  readonly timing?: "measured" | "model" | "told" | undefined;
  readonly objective?: "progress" | "paper" | undefined;
  /** What came of that. */
  readonly present: {
    readonly runtime: string;
    /** Of the model without an algorithm. */
    readonly profile: Profile;
    readonly compensation: string;
    /** Bytes; null: no limit. */
    readonly budget?: number | null;
  };
}

export function recipeOf(
  options: LearnerOptions | RegressorOptions,
  settings: Settings,
  model: Model,
  present: Recipe["present"],
): Recipe {
  const { algorithm = "vanilla", algorithmOptions, runtime, objective, timing } = options;
  return {
    model: model.specification,
    loss: model.loss,
    batch: settings.batch,
    algorithm:
      typeof algorithm !== "string"
        ? { module: `${algorithm.module}#${algorithm.export}` }
        : namesModule(algorithm)
          ? { module: algorithm }
          : { name: algorithm },
    algorithmOptions,
    compensation: settings.compensation,
    optimizer: settings.optimizer[0],
    optimizerOptions: settings.optimizer[1],
    learningRate: settings.learningRate,
    seed: settings.seed,
    memoryBudget: settings.budget,
    arrivalInterval: settings.interval,
    clock: outlineOf(settings.clock),
    whenBusy: settings.whenBusy,
    runtime,
    timing: typeof timing === "object" ? "told" : timing,
    objective,
    present,
  };
}

/** What plans go by of a clock. */
export function outlineOf(clock: ClockOptions): ClockOptions {
  if (clock.kind === "threads")
    return { kind: clock.kind, ...(clock.count !== undefined && { count: clock.count }) };
  const { kind, computeUnits, unitSpeeds } = clock;
  return {
    kind,
    ...(computeUnits !== undefined && { computeUnits }),
    ...(unitSpeeds !== undefined && { unitSpeeds }),
  };
}

/** @throws InputError if its options are no plain data, so that no checkpoint could hold them. */
export function checkRecipe({ algorithmOptions, optimizerOptions }: Recipe): void {
  checkPlain(algorithmOptions, "algorithmOptions");
  checkPlain(optimizerOptions, "optimizerOptions");
}
