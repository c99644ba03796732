import type { PlanRequest, WorkerConfiguration } from "@ferret-ocl/planner";
import type { Command } from "commander";
import { InputError } from "../errors.js";
import { readText } from "../files.js";
import { parseJson, quoted } from "../input-file.js";
import { parseCount } from "../parse.js";
import type { GivenPlan } from "../setting.js";
import { withComputeUnitOptions } from "./compute-units.js";

/** Options of a command that plans. */
export function withGivenPlanOptions(command: Command): Command {
  return withComputeUnitOptions(command)
    .option("--partition <layers>", "first layer of every stage, such as 0,2, instead of a search")
    .option("--workers <json|file>", "workers as a plan lists them, with --partition");
}

/** Reads the options above; the planner checks what they say. */
export function readGivenPlan({
  partition,
  workers,
}: {
  readonly partition?: string | undefined;
  readonly workers?: string | undefined;
}): GivenPlan {
  if (workers !== undefined && partition === undefined)
    throw new InputError(
      "Expected --partition with --workers, which belong to its stages, but it is missing; add it",
    );
  if (partition === undefined) return {};
  const stages = parsePartition(partition);
  return { partition: stages, ...(workers === undefined ? {} : readWorkers(workers, stages)) };
}

function parsePartition(text: string): number[] {
  return text.split(",").map((layer) => parseCount(layer, "--partition", { zero: true }));
}

/**
 * JSON, or the file that holds it: the list itself, or a plan's, which must be for the partition.
 */
function readWorkers(given: string, partition: readonly number[]): GivenPlan {
  const isText = /^\s*[[{]/.test(given);
  const text = isText ? given : readText(given, "workers");
  const value = parseWorkers(text);
  const source = isText ? "the JSON" : `the file ${given}`;
  if (Array.isArray(value)) return { workers: known(value, source) };
  if (typeof value !== "object" || value === null || !("workers" in value))
    throw new InputError(
      `Expected a list of workers, or a plan with "workers", for --workers but ${source} has none; ` +
        "list workers as a plan does",
    );
  if ("partition" in value && JSON.stringify(value.partition) !== JSON.stringify(partition))
    throw new InputError(
      `Expected workers for the partition ${partition.join(",")} for --workers but those of ${source} ` +
        `are for ${JSON.stringify(value.partition)}; give the partition that they were planned for`,
    );
  if (!Array.isArray(value.workers))
    throw new InputError(
      `Expected a list for workers but ${source} holds ${JSON.stringify(value.workers)}; list ` +
        "workers as a plan does",
    );
  const workers = known(value.workers, source);
  const { inFlight } = value as { readonly inFlight?: number[] };
  return {
    workers,
    ...("model" in value && { model: String(value.model) }),
    ...(inFlight !== undefined && { inFlight }),
  };
}

/** What a worker may say. */
const fields = Object.keys({
  recompute: 0,
  accumulate: 0,
  omit: 0,
} satisfies Record<keyof WorkerConfiguration, 0>);

/** Refuses what no worker knows; the planner checks the rest. */
function known(workers: readonly unknown[], source: string): PlanRequest["workers"] {
  workers.forEach((worker, index) => {
    const unknown =
      typeof worker === "object" && worker !== null
        ? Object.keys(worker).find((field) => !fields.includes(field))
        : undefined;
    if (unknown !== undefined)
      throw new InputError(
        `Expected ${fields.join(", ")} of worker ${index} for --workers but ${source} has ` +
          `${quoted(unknown)}; leave it out or correct its name`,
      );
  });
  return workers as PlanRequest["workers"];
}

function parseWorkers(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new InputError(
      `Expected JSON for --workers but ${(error as Error).message}: list workers as a plan does`,
    );
  }
}
