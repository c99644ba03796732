import type { PlanRequest } from "@ferret-ocl/planner";
import type { Command } from "commander";
import { type GivenPlan, parseCount } from "../config.js";
import { InputError } from "../errors.js";
import { readText } from "../files.js";
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
  return {
    ...(partition === undefined ? {} : { partition: parsePartition(partition) }),
    ...(workers === undefined ? {} : { workers: readWorkers(workers) }),
  };
}

function parsePartition(text: string): number[] {
  return text.split(",").map((layer) => parseCount(layer, "--partition", { zero: true }));
}

/** JSON, or the file that holds it: the list itself or a plan's. */
function readWorkers(given: string): PlanRequest["workers"] {
  const isText = /^\s*[[{]/.test(given);
  const text = isText ? given : readText(given, "workers");
  try {
    const value = JSON.parse(text) as { workers?: PlanRequest["workers"] };
    return Array.isArray(value) ? (value as PlanRequest["workers"]) : value.workers;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InputError(
      `Expected JSON for --workers but ${error.message}: list workers as a plan does`,
    );
  }
}
