import type { Command } from "commander";
import { InputError } from "../errors.js";
import { parseCount } from "../parse.js";
import type { ComputeUnits } from "../setting.js";

/** How many compute units share the work, and how fast each is. */
export function withComputeUnitOptions(command: Command): Command {
  return command
    .option("--compute-units <count>", "cores or devices that share the work (default: no limit)")
    .option("--unit-speeds <list>", "speed of each, such as 1,0.5; 1 is the profile's");
}

/** Reads them. */
export function readComputeUnits(raw: {
  readonly computeUnits?: string | undefined;
  readonly unitSpeeds?: string | undefined;
}): ComputeUnits {
  const count =
    raw.computeUnits === undefined ? undefined : parseCount(raw.computeUnits, "--compute-units");
  if (raw.unitSpeeds === undefined) return count === undefined ? {} : { computeUnits: count };
  const unitSpeeds = raw.unitSpeeds
    .split(",")
    .map((speed) => parseCount(speed, "--unit-speeds", { whole: false }));
  if (count !== undefined && count !== unitSpeeds.length)
    throw new InputError(
      `Expected ${count} speeds, one per compute unit, for --unit-speeds but received ` +
        `"${raw.unitSpeeds}"; leave --compute-units out, or list one speed for each`,
    );
  return { unitSpeeds };
}
