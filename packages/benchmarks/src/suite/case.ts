import { createHash } from "node:crypto";
import type { RunSetting } from "../setting.js";
import type { SuiteScale } from "./scale.js";
import type { SuiteSetting } from "./settings.js";

/** What a table varies of a setting. */
export type Variation = Partial<
  Pick<
    RunSetting,
    | "method"
    | "algorithm"
    | "algorithmOptions"
    | "compensation"
    | "objective"
    | "memoryBudget"
    | "pressure"
    | "stages"
    | "batchSkip"
  >
> & {
  /**
   * A memory budget between the least that learns (0, M-) and what the plan without a limit takes (1, M+), by
   * equal factors; in the place of `memoryBudget`.
   */
  readonly budgetShare?: number;
};

/** One run of a suite. */
export interface SuiteCase {
  /** Name of the setting, see `paperSettings`. */
  readonly setting: string;
  /** All of the run but what differs between machines; `memoryBudget` holds without `budgetShare`. */
  readonly run: CaseRun;
  readonly budgetShare: number | null;
}

/** A run's setting without the folder of its data. */
type CaseRun = Omit<RunSetting, "dataDir">;

/** The run of a setting that a table asks for. */
export function caseOf(
  setting: SuiteSetting,
  variation: Variation,
  seed: number,
  { mostItems, testSamples }: Pick<SuiteScale, "mostItems" | "testSamples">,
): SuiteCase {
  const { budgetShare, ...varied } = variation;
  const run: CaseRun = {
    dataset: setting.dataset,
    model: setting.model,
    weights: undefined,
    method: "ferret",
    algorithm: "vanilla",
    algorithmOptions: {},
    compensation: "auto",
    objective: "progress",
    memoryBudget: "none",
    given: {},
    pressure: setting.pressure,
    arrival: null,
    items: null,
    mostItems,
    passes: 1,
    testSamples,
    batch: setting.batch,
    learningRate: setting.learningRate,
    order: setting.order,
    scale: null,
    labelDelay: 0,
    stages: null,
    microbatches: null,
    timing: "model",
    engine: "virtual",
    units: {},
    threads: 1,
    changes: [],
    ...varied,
    seed,
  };
  return { setting: setting.name, run, budgetShare: budgetShare ?? null };
}

/** What tells a case from all others, the same on every machine and in every version of the program. */
export function identityOf(one: SuiteCase): string {
  return JSON.stringify(sorted(one));
}

/** A name for a case's results, of hexadecimal digits. */
export function keyOf(one: SuiteCase, world: readonly string[]): string {
  const text = JSON.stringify([identityOf(one), ...world]);
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** The same value with the keys of every object in order, so that it has one text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
