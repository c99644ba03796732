import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hasCheckpoint } from "@ferret-ocl/pipeline/engine";
import { InputError } from "../errors.js";
import { writeWhole } from "../files.js";
import type { CheckpointSetting } from "../run-checkpoints.js";
import type { RunSetting } from "../setting.js";

/** What tells a run of an experiment from all others that may be kept in the same folder. */
export interface CaseIdentity {
  /** Name of the experiment, with whatever else it asks for. */
  readonly experiment: readonly unknown[];
  readonly setting: RunSetting;
  /** What computes. */
  readonly machinery: readonly string[];
  /** Samples of the data set and items of the stream. */
  readonly sizes: readonly number[];
}

/**
 * The runs of an experiment, saved on their way, so that one that was ended goes on where it was. Each has a folder
 * of its own, named after what the run is:
 *
 * ```
 * <folder>/<key>/checkpoint-N.*   of a run that is under way
 * <folder>/<key>/result.json      of one that is finished; its checkpoints are gone
 * ```
 */
export class CaseCheckpoints {
  readonly #setting: CheckpointSetting;

  /** @throws InputError where the folder holds runs and is not to be gone on from. */
  constructor(setting: CheckpointSetting) {
    this.#setting = setting;
    const { folder, resume } = setting;
    if (!resume && readdirSync(folder).some((name) => keyPattern.test(name)))
      throw new InputError(
        `Expected a folder without runs for --checkpoint but ${folder} has some; go on from them with --resume, ` +
          "or name another folder",
      );
  }

  /**
   * Makes a run, or goes on with it, or takes its result where it was finished.
   * @param measure makes it, with these checkpoints.
   * @param isWhole whether its result is that of the whole run; asked once it is there.
   */
  async keep<Result>(
    identity: CaseIdentity,
    measure: (checkpoint: CheckpointSetting) => Promise<Result>,
    isWhole: () => boolean,
  ): Promise<Result> {
    const { folder, every } = this.#setting;
    const own = join(folder, keyOf(identity, every));
    const file = join(own, "result.json");
    const finished = readResult<Result>(file);
    if (finished !== undefined) return finished;
    mkdirSync(own, { recursive: true });
    const result = await measure({ folder: own, every, resume: hasCheckpoint(own) });
    if (!isWhole()) return result;
    const text = JSON.stringify(result);
    writeWhole(file, `{"sha256":"${digestOf(text)}","result":${text}}\n`);
    for (const name of readdirSync(own))
      if (name !== "result.json") rmSync(join(own, name), { recursive: true, force: true });
    return result;
  }
}

const keyPattern = /^[0-9a-f]{32}$/;

/** Where data lies changes nothing. */
function keyOf({ setting, ...identity }: CaseIdentity, every: CheckpointSetting["every"]): string {
  const { dataDir, ...same } = setting;
  const text = JSON.stringify({ ...identity, setting: sortedFields(same), every });
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** Fields in order, so that the same setting has one text however it was put together. */
function sortedFields<Value extends object>(value: Value): [string, unknown][] {
  return Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** What a finished run has given; one that is damaged is made again. */
function readResult<Result>(file: string): Result | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const { sha256, result } = JSON.parse(readFileSync(file, "utf8")) as {
      readonly sha256: string;
      readonly result: Result;
    };
    return sha256 === digestOf(JSON.stringify(result)) ? result : undefined;
  } catch {
    return undefined;
  }
}
