import { checkFunction, checkRecord } from "../check-options.js";
import { readCheckpoint } from "../checkpoint/folder.js";
import type { LearnerState } from "../checkpoint/learner-state.js";
import { parametersOf } from "../checkpoint/learner-state.js";
import { readFacts } from "../checkpoint/read-facts.js";
import { expected, InputError } from "../errors.js";
import { isRecord } from "../model/read.js";
import { parseModel } from "../model/spec.js";
import type { CommonLearnerOptions, Learner, LearnerOptions } from "./contract.js";
import { startLearner } from "./create.js";
import { namesModule } from "./plan/load-algorithm.js";
import type { Recipe } from "./recipe.js";
import type { Regressor } from "./regressor.js";
import { SavedLearner } from "./saved-learner.js";

/**
 * What may be another one than when the learner was saved; what is left out stays. The compensation
 * stays as well, unless it is given: the state of another one starts anew, which `onWarning` is told. An
 * algorithm of a module has to be given again: files name none that would be imported.
 */
export interface OpenOptions
  extends Pick<
    CommonLearnerOptions,
    | "memoryBudget"
    | "arrivalInterval"
    | "clock"
    | "whenBusy"
    | "compensation"
    | "algorithm"
    | "runtime"
    | "timing"
    | "objective"
    | "plan"
    | "onWarning"
  > {
  /** What it was trained for, checked; in TypeScript it tells what `openLearner` gives. */
  readonly loss?: "sparseCategoricalCrossentropy" | "meanSquaredError";
}

/** Every option, which the compiler holds to `OpenOptions`. */
const optionNames = Object.keys({
  memoryBudget: 0,
  arrivalInterval: 0,
  clock: 0,
  whenBusy: 0,
  compensation: 0,
  algorithm: 0,
  runtime: 0,
  timing: 0,
  objective: 0,
  plan: 0,
  onWarning: 0,
  loss: 0,
} satisfies Record<keyof OpenOptions, 0>);

/**
 * Opens a learner from the last checkpoint that its `save` has written to a folder, and goes on with it:
 * as it was, or with another budget, pace, number of threads or clock.
 *
 * ```ts
 * await learner.save("state");
 * const again = await openLearner("state", { memoryBudget: "20MiB" });
 * ```
 *
 * Where nothing changes, on the virtual clock, it does to the last bit what the learner does that was
 * saved. Its state is kept by layer, so it fits whatever stages the model is cut into. A checkpoint that
 * is damaged or only half written is named, and the one before is taken. Opening one executes nothing
 * that is in the files, and allocates no more than they hold before they have been checked.
 *
 * @throws InputError if there is no whole checkpoint, an option is unknown or wrong, no plan fits the
 *   budget, or the algorithm is a module and is not given.
 */
export function openLearner(
  folder: string,
  options: OpenOptions & { readonly loss: "meanSquaredError" },
): Promise<Regressor>;
export function openLearner(folder: string, options?: OpenOptions): Promise<Learner>;
export async function openLearner(
  folder: string,
  options: OpenOptions = {},
): Promise<Learner | Regressor> {
  if (typeof folder !== "string" || folder === "")
    throw expected("the path of a folder", "folder", folder);
  checkRecord(options, "options");
  for (const name of Object.keys(options))
    if (!optionNames.includes(name))
      throw expected(
        `one of ${optionNames.join(", ")}`,
        "an option of openLearner",
        name,
        "all else is as the learner was created",
      );
  if (options.onWarning !== undefined) checkFunction(options.onWarning, "onWarning");
  const warn =
    options.onWarning ?? ((message: string) => process.emitWarning(message, "FerretWarning"));
  const { content, tensors } = readCheckpoint(folder, warn);
  const { settings, facts, attachment } = readContent(content, folder);
  const state: LearnerState = { facts: readFacts(facts), tensors };
  const { loss, ...changes } = options;
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  if (loss !== undefined && loss !== (settings.loss ?? "sparseCategoricalCrossentropy"))
    throw expected(
      `"${settings.loss ?? "sparseCategoricalCrossentropy"}", which the learner in ${folder} was trained for,`,
      "loss",
      loss,
      "leave it out",
    );
  const model = parseModel(settings.model, {
    parameters: "given",
    seed: settings.seed,
    loss: settings.loss,
  });
  // Before anything is allocated for them.
  parametersOf(state, model);
  const as = {
    ...settings,
    ...Object.fromEntries(given),
    model,
    algorithm: options.algorithm ?? algorithmOf(settings, folder),
  };
  return startLearner(
    as as LearnerOptions,
    new SavedLearner(state, recipe(content), attachment, new Set(given.map(([name]) => name))),
  );
}

function recipe(content: unknown): Recipe {
  return (content as { settings: Recipe }).settings;
}

/** The options that a checkpoint tells; checked, as those of a caller are, when they are used. */
function readContent(content: unknown, folder: string) {
  const { settings, facts, attachment } = isRecord(content) ? content : {};
  if (!isRecord(settings) || !isRecord(settings.present) || !isRecord(settings.clock))
    throw new InputError(
      `Expected a checkpoint of a learner in ${folder} but it is one of something else; open it with ` +
        "what has saved it",
    );
  const { present, timing, arrivalInterval, algorithm: _, ...same } = settings;
  const { profile } = present;
  const times = timing === "told" ? { timing: profile } : timing === undefined ? {} : { timing };
  return {
    settings: {
      ...same,
      ...times,
      // Null: none was asked for.
      ...(arrivalInterval === null ? {} : { arrivalInterval }),
      algorithm: settings.algorithm,
      model: settings.model,
      seed: settings.seed as number,
      loss: settings.loss as Recipe["loss"],
    },
    facts,
    attachment,
  };
}

/** The name of a built-in algorithm. */
function algorithmOf({ algorithm }: { readonly algorithm?: unknown }, folder: string): string {
  const { name, module } = isRecord(algorithm) ? algorithm : {};
  if (typeof name === "string" && !namesModule(name)) return name;
  throw new InputError(
    `Expected the algorithm of the learner in ${folder}, ${module ?? name}, to be given again but received ` +
      "none: a module is not imported because a file names it; pass it as algorithm",
  );
}
