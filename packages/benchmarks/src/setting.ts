import type { NamedBudget, PlanRequest } from "@ferret-ocl/planner";
import type { ReadOptions } from "./datasets/read-options.js";
import type { Scale } from "./streams/saved-scaling.js";

/** What changes once that many items have come; what is left out stays. */
export interface SettingChange {
  readonly at: number;
  readonly memoryBudget?: number | NamedBudget;
  /** Milliseconds between the items to come. */
  readonly arrivalInterval?: number;
  /** Cores or devices that share the work; on threads the plan counts on that many of them. */
  readonly computeUnits?: number;
}

/** The setting of a run; see `ferret run --help`. */
export interface RunSetting {
  readonly dataset: string;
  readonly dataDir: string | undefined;
  /** How the files of a data set are read, where they leave that open. */
  readonly table?: ReadOptions;
  /** A built-in one, a Keras JSON file, or the folder of a LayersModel. */
  readonly model: string;
  /** A safetensors file with the parameters to begin with. */
  readonly weights: string | undefined;
  /** A name of `methods`. */
  readonly method: string;
  /** A built-in one, or a module's function: `./file.mjs#export`. */
  readonly algorithm: string;
  readonly algorithmOptions: Options;
  /** A compensator by name, or `auto`: the one with which the plan makes the most progress. */
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
  /** Null: no limit besides the passes. */
  readonly mostItems: number | null;
  /** Items of the stream that the run leaves out at its beginning; default 0. */
  readonly skipItems?: number;
  /** How many times the stream may go over the samples. */
  readonly passes: number;
  /** Samples of the test split that accuracy at the end is measured on, spread evenly over it; null or absent: all. */
  readonly testSamples?: number | null;
  readonly batch: number;
  readonly learningRate: number;
  readonly order: string;
  /** Of measured features; null: by the order. */
  readonly scale: Scale | null;
  /** Items that arrive between an item and its labels. */
  readonly labelDelay: number;
  readonly seed: number;
  /** Stages of a fixed schedule, or devices if it puts several on each; null: by the model. */
  readonly stages: number | null;
  /** Items of a flush; null: as many as stages. */
  readonly microbatches: number | null;
  /** Of a batch skip: the most items that wait, and of them learned at once; absent: as the method has it. */
  readonly batchSkip?: { readonly waiting: number; readonly atOnce: number };
  readonly timing: "model" | "measured" | { profile: string };
  readonly engine: Engine;
  /** As a change of them later. */
  readonly units: ComputeUnits;
  /** Threads that compute, with the engine "threads". */
  readonly threads: number;
  /** In the order of the stream. */
  readonly changes: readonly SettingChange[];
}

/** What a plan is given instead of searching for it: a partition, and with it workers. */
export interface GivenPlan extends Pick<PlanRequest, "partition" | "workers" | "inFlight"> {
  /** The model that the workers were planned for, where they are a plan's. */
  readonly model?: string;
}

/** Cores or devices that share the work; empty: every stage of every worker has its own. */
export type ComputeUnits = Pick<PlanRequest, "computeUnits" | "unitSpeeds">;

/** Settings by name, as plain data. */
export type Options = Readonly<Record<string, number | boolean | string>>;

export const engines = ["virtual", "threads"] as const;
type Engine = (typeof engines)[number];

/** See `PlanRequest` of the planner. */
export const objectives = ["progress", "paper"] as const;
type Objective = (typeof objectives)[number];
