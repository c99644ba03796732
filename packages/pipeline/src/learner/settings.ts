import { availableParallelism } from "node:os";
import { compensatorNames } from "@ferret-ocl/compensation";
import {
  type NamedBudget,
  namedBudgets,
  type Profile,
  readBytes,
  readDuration,
} from "@ferret-ocl/planner";
import { checkFunction, checkRecord } from "../check-options.js";
import { expected } from "../errors.js";
import type { WarningListener } from "../metrics/alarm.js";
import { optimizerNames } from "../optimizer/registry.js";
import { arrivalSlots } from "./by-hand/learner-on-threads.js";
import type { ClockOptions, LearnerOptions } from "./contract.js";
import type { PlannedClock } from "./plan/plan-on-clock.js";
import type { RegressorOptions } from "./regressor.js";

/** Every option, which the compiler holds to `LearnerOptions`. */
const optionNames = Object.keys({
  model: 0,
  classes: 0,
  outputs: 0,
  loss: 0,
  inputShape: 0,
  weights: 0,
  batch: 0,
  algorithm: 0,
  algorithmOptions: 0,
  compensation: 0,
  optimizer: 0,
  optimizerOptions: 0,
  learningRate: 0,
  memoryBudget: 0,
  arrivalInterval: 0,
  clock: 0,
  whenBusy: 0,
  seed: 0,
  runtime: 0,
  timing: 0,
  objective: 0,
  plan: 0,
  onWarning: 0,
} satisfies Record<keyof LearnerOptions, 0>);

/** Options of `createLearner`, checked and with their defaults. */
export interface Settings {
  readonly clock: PlannedClock & ClockOptions;
  readonly batch: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly budget: number | NamedBudget;
  /** Null: what threads can just take. */
  readonly interval: number | null;
  readonly compensation: string;
  readonly optimizer: [name: string, options: Readonly<Record<string, unknown>>];
  readonly whenBusy: "drop" | "wait";
  readonly timing: "measured" | "model" | Profile;
  readonly onWarning: (message: string) => void;
}

/** @throws InputError where an option is unknown or wrong. */
export function readSettings(options: LearnerOptions | RegressorOptions): Settings {
  checkRecord(options, "options");
  for (const name of Object.keys(options))
    if (!optionNames.includes(name))
      throw expected(`one of ${optionNames.join(", ")}`, "an option of createLearner", name);
  const { batch = 16, learningRate = 0.05, seed = 0, compensation = "auto" } = options;
  const { optimizer = "sgd", optimizerOptions = {}, whenBusy = "drop", onWarning } = options;
  if (!Number.isInteger(batch) || batch < 1)
    throw expected("a whole number of at least 1", "batch", batch);
  expectOneOf(compensation, ["auto", ...compensatorNames], "compensation");
  expectOneOf(optimizer, optimizerNames, "optimizer");
  expectOneOf(whenBusy, ["drop", "wait"], "whenBusy");
  if (options.objective !== undefined)
    expectOneOf(options.objective, ["progress", "paper"], "objective");
  if (onWarning !== undefined) checkFunction(onWarning, "onWarning");
  const clock = readClock(options.clock);
  if (clock.kind === "virtual" && whenBusy === "wait")
    throw expected(
      '"drop" with the virtual clock',
      "whenBusy",
      whenBusy,
      "an item that waits would never be late there; make arrivalInterval longer",
    );
  if (clock.kind === "virtual" && options.arrivalInterval === undefined)
    throw expected("a duration such as 5ms, with the virtual clock,", "arrivalInterval", undefined);
  return {
    clock,
    batch,
    learningRate,
    seed,
    budget: readBudget(options.memoryBudget ?? "none"),
    interval:
      options.arrivalInterval === undefined
        ? null
        : readDuration(options.arrivalInterval, "arrivalInterval"),
    compensation,
    optimizer: [optimizer, optimizerOptions],
    whenBusy,
    timing: options.timing ?? (clock.kind === "threads" ? "measured" : "model"),
    onWarning: onWarning ? guarded(onWarning) : warn,
  };
}

const warn = (message: string) => process.emitWarning(message, "FerretWarning");

/** What a listener does wrong is told as a warning, and holds nothing up. */
function guarded(listener: WarningListener): WarningListener {
  const tell = (thrown: unknown) => warn(`onWarning failed: ${thrown}`);
  return (message) => {
    try {
      Promise.resolve(listener(message) as unknown).catch(tell);
    } catch (thrown) {
      tell(thrown);
    }
  };
}

/** Bytes, or a budget by name; null is none. */
export function readBudget(value: number | string | null): number | NamedBudget {
  if (value === null) return "none";
  const name = namedBudgets.find((known) => known === value);
  return name ?? readBytes(value, `memoryBudget (or ${namedBudgets.join(", ")})`);
}

function readClock(clock: ClockOptions = { kind: "threads" }): PlannedClock & ClockOptions {
  if (typeof clock === "string")
    throw expected('an object such as { kind: "threads", count: 2 }', "clock", clock);
  checkRecord(clock, "clock");
  const { kind, ...rest } = clock;
  expectOneOf(kind, ["threads", "virtual"], "clock.kind");
  const known = kind === "threads" ? ["count"] : ["computeUnits", "unitSpeeds", "onAction"];
  for (const name of Object.keys(rest))
    if (!known.includes(name))
      throw expected(`one of ${known.join(", ")}`, `an option of the ${kind} clock`, name);
  if (clock.kind === "virtual") {
    if (clock.onAction !== undefined) checkFunction(clock.onAction, "clock.onAction");
    return clock;
  }
  const { count = availableParallelism() } = clock;
  // Refuses a count that is none.
  arrivalSlots(count);
  return { kind: "threads", count };
}

function expectOneOf(value: unknown, known: readonly string[], name: string): void {
  if (!known.includes(value as string)) throw expected(`one of ${known.join(", ")}`, name, value);
}
