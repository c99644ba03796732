import type { PlanRequest } from "@ferret-ocl/planner";
import type { TableOptions } from "./datasets/csv.js";
import { InputError, nearestName } from "./errors.js";
import { expectAtMost, expectInterval } from "./limits.js";
import type { MethodName } from "./methods/registry.js";
import { printable } from "./printable.js";
import type { Scale } from "./streams/scaling.js";

/** What changes when so many items have come; what is left out stays. */
export interface SettingChange {
  readonly at: number;
  readonly memoryBudget?: number | NamedBudget;
  /** Milliseconds between the items to come. */
  readonly arrivalInterval?: number;
  /** Cores or devices that share the work; on threads the plan counts on so many of them. */
  readonly computeUnits?: number;
}

/** What a run is asked to do; see `ferret run --help`. */
export interface RunSetting {
  readonly dataset: string;
  readonly dataDir: string | undefined;
  /** How a data set that is a CSV file is read. */
  readonly table?: TableOptions;
  /** A built-in one, a Keras JSON file, or the folder of a LayersModel. */
  readonly model: string;
  /** A safetensors file with the parameters to begin with. */
  readonly weights: string | undefined;
  readonly method: MethodName;
  /** A built-in one, or a module's function: `./file.mjs#export`. */
  readonly algorithm: string;
  readonly algorithmOptions: Options;
  /** A compensator by name, or `auto`: the one that the plan makes most progress with. */
  readonly compensation: string;
  /** A name of `optimizerNames`; default sgd. */
  readonly optimizer?: string;
  readonly optimizerOptions?: Options;
  /** What plans are chosen for; default progress. */
  readonly objective?: Objective;
  /** Bytes, or a name that the planner works out: `min` (M-), `2bw` (M), `none` (M+). */
  readonly memoryBudget: number | NamedBudget;
  readonly given: GivenPlan;
  readonly pressure: number;
  /** Milliseconds between items; `max`: as fast as they can be taken; null: from the pressure. */
  readonly arrival: number | "max" | null;
  /** Null: as many as the passes fill, but no more than `mostItems`. */
  readonly items: number | null;
  /** Null: no limit beside the passes. */
  readonly mostItems: number | null;
  /** Items of the stream that the run leaves out at its beginning; default 0. */
  readonly skipItems?: number;
  /** Times that the stream may go over the samples. */
  readonly passes: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly order: string;
  /** Of measured features; null: by the order. */
  readonly scale: Scale | null;
  /** Items that arrive between an item and its labels. */
  readonly labelDelay: number;
  readonly seed: number;
  /** Stages of a fixed schedule, or devices where that puts several on each; null: by the model. */
  readonly stages: number | null;
  /** Items of a flush; null: as many as stages. */
  readonly microbatches: number | null;
  readonly timing: "model" | "measured" | { profile: string };
  readonly engine: Engine;
  /** As a change of them later. */
  readonly units: ComputeUnits;
  /** Threads that compute, of the real-time engine. */
  readonly threads: number;
  /** In the order of the stream. */
  readonly changes: readonly SettingChange[];
}

/** What a plan is given instead of searching for it: a partition, and with it workers. */
export interface GivenPlan extends Pick<PlanRequest, "partition" | "workers" | "inFlight"> {
  /** The model that the workers were planned for, where they are a plan's. */
  readonly model?: string;
}

/**
 * What is given of a plan, for the planner.
 * @throws InputError where it was planned for another model.
 */
export function givenFor(
  { model: name }: { readonly model: string },
  { model, ...given }: GivenPlan,
): Pick<PlanRequest, "partition" | "workers" | "inFlight"> {
  if (model === undefined || model === name) return given;
  throw new InputError(
    `Expected workers that were planned for the model ${name} for --workers but received those ` +
      `for ${printable(model)}; plan this model, or give its plan`,
  );
}

/** Cores or devices that share the work; empty: every stage of every worker has its own. */
export type ComputeUnits = Pick<PlanRequest, "computeUnits" | "unitSpeeds">;

/** Settings by name, as plain data. */
export type Options = Readonly<Record<string, number | boolean | string>>;

export const engines = ["virtual", "realtime"] as const;
type Engine = (typeof engines)[number];

/** See `PlanRequest` of the planner. */
export const objectives = ["progress", "paper"] as const;
type Objective = (typeof objectives)[number];

const namedBudgets = ["min", "2bw", "none"] as const;
export type NamedBudget = (typeof namedBudgets)[number];

const byteUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** Reads `40MiB`, `512 KiB`, `1000000` (bytes) or a named budget. */
export function parseBudget(text: string, option = "--memory-budget"): number | NamedBudget {
  const name = namedBudgets.find((known) => known === text.toLowerCase());
  if (name) return name;
  const match = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(text);
  const unit = match?.[2] || "B";
  const bytes = Object.hasOwn(byteUnits, unit)
    ? Math.floor(Number(match?.[1]) * (byteUnits[unit] as number))
    : Number.NaN;
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  const nearest = nearestName(text, namedBudgets);
  throw new InputError(
    `Expected a size such as 40MiB or one of ${namedBudgets.join(", ")} for ${option} but ` +
      `received "${text}"; ` +
      (nearest ? `did you mean "${nearest}"?` : `units are ${Object.keys(byteUnits).join(", ")}`),
  );
}

const timeUnits: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1e3 };

/** Reads `5ms`, `200us`, `1.5s` into milliseconds. */
export function parseDuration(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ns|us|ms|s)$/.exec(text);
  const duration = Number(match?.[1]) * (timeUnits[match?.[2] ?? ""] ?? Number.NaN);
  if (!(duration > 0))
    throw new InputError(
      `Expected a duration such as 5ms, 200us or 1s for ${option} but received "${text}"`,
    );
  expectInterval(duration, option, text);
  return duration;
}

/** Reads `300:memory-budget=20MiB,arrival=2ms,compute-units=1`: from item 300 on, what stands behind the colon. */
export function parseChange(text: string): SettingChange {
  const refuse = () =>
    new InputError(
      "Expected an item and what changes there, such as 300:memory-budget=20MiB,arrival=2ms or " +
        `300:compute-units=1, for --change but received "${text}"`,
    );
  const [at, settings, ...rest] = text.split(":");
  if (!settings || rest.length > 0) throw refuse();
  let change: SettingChange = { at: parseCount(at as string, "the item of --change") };
  for (const setting of settings.split(",")) {
    const [name, value, ...more] = setting.split("=");
    if (!value || more.length > 0) throw refuse();
    if (name === "memory-budget")
      change = { ...change, memoryBudget: parseBudget(value, "memory-budget of --change") };
    else if (name === "arrival")
      change = { ...change, arrivalInterval: parseDuration(value, "arrival of --change") };
    else if (name === "compute-units")
      change = { ...change, computeUnits: parseCount(value, "compute-units of --change") };
    else throw refuse();
  }
  return change;
}

/** Reads a positive number; `whole` asks for an integer. */
export function parseCount(
  text: string,
  option: string,
  { whole = true, zero = false }: { whole?: boolean; zero?: boolean } = {},
): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const fits = whole ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!fits || value < 0 || (value === 0 && !zero))
    throw new InputError(
      `Expected a ${zero ? "non-negative" : "positive"} ${whole ? "integer" : "number"} for ` +
        `${option} but received "${text}"`,
    );
  expectAtMost(value, option, text);
  return value;
}

/** Reads `replay=32,buffer=ring` into `{ replay: 32, buffer: "ring" }`. */
export function parseOptions(text: string, option: string): Options {
  const entries = text.split(",").filter((part) => part.trim() !== "");
  return Object.fromEntries(
    entries.map((entry) => {
      const [name, value] = entry.split("=").map((part) => part.trim());
      if (!name || !value || entry.split("=").length !== 2)
        throw new InputError(
          `Expected settings such as replay=32,buffer=ring for ${option} but received "${text}"`,
        );
      if (value === "true" || value === "false") return [name, value === "true"];
      return [name, Number.isFinite(Number(value)) ? Number(value) : value];
    }),
  );
}

/** One of the known names, or an error with the nearest one. */
export function parseName<T extends string>(text: string, option: string, known: readonly T[]): T {
  const found = known.find((name) => name === text);
  if (found !== undefined) return found;
  const nearest = nearestName(text, known);
  throw new InputError(
    `Expected one of ${known.join(", ")} for ${option} but received "${text}"` +
      (nearest ? `; did you mean "${nearest}"?` : ""),
  );
}
