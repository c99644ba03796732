import { type Every, parseEvery } from "@ferret-ocl/pipeline/engine";
import type { Command } from "commander";
import { InputError } from "../errors.js";
import { openFolder } from "../folders.js";
import type { CheckpointSetting } from "../run-checkpoints.js";
import type { RunSetting } from "../setting.js";
import type { Raw } from "./options.js";

/** Options of commands whose runs are saved on their way. */
export function withCheckpointOptions(command: Command, engines = false): Command {
  return command
    .option(
      "--checkpoint <dir>",
      `save ${engines ? "the run" : "each run"} there on its way; the last two checkpoints are kept`,
    )
    .option(
      "--every <items|time>",
      engines
        ? "how often: 100items, or with --engine threads also 30s (default: that, or with --engine virtual 100items)"
        : "how often: 50items (default: 100items)",
    )
    .option(
      "--resume",
      engines
        ? "go on from the last checkpoint in that folder, if there is one"
        : "take finished runs from that folder, and go on with the others",
    );
}

/**
 * Where and how often runs are saved; null: not at all.
 * @throws InputError where the folder cannot be written, or time is asked for on the virtual clock.
 */
export function readCheckpointOptions(
  raw: Raw,
  engine: RunSetting["engine"],
  resume: boolean,
): CheckpointSetting | null {
  if (raw.checkpoint === undefined) return null;
  const every = readEvery(raw.every, engine);
  openFolder(raw.checkpoint, "--checkpoint");
  return { folder: raw.checkpoint, every, resume };
}

/** @throws InputError where time is asked for on the virtual clock. */
export function readEvery(text: string | undefined, engine: RunSetting["engine"]): Every {
  const every = parseEvery(text ?? (engine === "threads" ? "30s" : "100items"));
  if (engine === "virtual" && !("items" in every))
    throw new InputError(
      `Expected items such as 100items for --every on the virtual clock but received "${text}"; a run there is ` +
        "the same everywhere, and the time that it takes is not",
    );
  return every;
}
