import type { AlgorithmOptions, SnapshotAt } from "./contract.js";
import { checkName, InputError } from "./errors.js";

/** Settings of snapshots that are taken by the number of items. */
const counted = ["warmUp", "refresh"] as const;

/**
 * When an algorithm takes its snapshots of the model: at boundaries, by default, or the other way that
 * it has.
 * @throws InputError for a way that it does not have, and for settings of the one that is not chosen.
 */
export function checkSnapshotAt(
  algorithm: string,
  options: AlgorithmOptions,
  other: SnapshotAt,
): SnapshotAt {
  const { snapshotAt = "boundary" } = options;
  checkName("snapshotAt", snapshotAt, ["boundary", other]);
  const idle = counted.find((name) => options[name] !== undefined);
  if (snapshotAt === "boundary" && idle)
    throw new InputError(
      `Expected snapshotAt "${other}" for ${algorithm} with ${idle} but received "boundary"; set it, ` +
        `or leave ${idle} out`,
    );
  return snapshotAt;
}
