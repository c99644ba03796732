import { compensatorNames } from "@ferret-ocl/compensation";
import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import type { Command } from "commander";
import {
  methods,
  parseBudget,
  parseCount,
  parseDuration,
  parseName,
  type RunSetting,
} from "../config.js";

/** Options that describe what is learned; shared by every command that runs something. */
export function withSettingOptions(command: Command): Command {
  return command
    .option("--dataset <name|path>", "data set by name, or a numeric CSV file", "glyphs")
    .option("--data-dir <dir>", "folder with the data sets' files (or FERRET_DATA_DIR)")
    .option("--model <name|path>", "built-in model, or a Keras JSON file", "mnistnet")
    .option("--algorithm <name>", "vanilla or er", "vanilla")
    .option("--compensation <name>", "none or iter-fisher", "iter-fisher")
    .option("--pressure <number>", "times faster that items come than one learner takes", "8")
    .option("--arrival <duration>", "time between items, such as 5ms; instead of --pressure")
    .option("--items <count>", "items of the stream", "1000")
    .option("--batch <count>", "samples in an item", "16")
    .option("--lr <rate>", "learning rate", "0.05")
    .option("--order <name>", "order of the stream: iid, split or rotating", "iid")
    .option("--seed <integer>", "seed of everything random", "0")
    .option("--timing <model|measured|path>", "durations of the virtual clock", "model");
}

type Raw = Record<string, string | undefined>;

/** The folder with the data sets' files, or undefined; an empty variable is none. */
export function dataDirOf(option: string | undefined): string | undefined {
  return option ?? (process.env.FERRET_DATA_DIR || undefined);
}

/** Checks the texts that came from the command line; throws InputError. */
export function readSetting(raw: Raw): RunSetting {
  const text = (key: string) => raw[key] as string;
  const timing = text("timing");
  return {
    dataset: text("dataset"),
    dataDir: dataDirOf(raw.dataDir),
    model: text("model"),
    method: parseName(raw.method ?? "ferret", "--method", methods),
    algorithm: parseName(text("algorithm"), "--algorithm", algorithmNames),
    compensation: parseName(text("compensation"), "--compensation", compensatorNames),
    memoryBudget: parseBudget(raw.memoryBudget ?? "none"),
    pressure: parseCount(text("pressure"), "--pressure", { whole: false }),
    arrivalInterval: raw.arrival === undefined ? null : parseDuration(raw.arrival, "--arrival"),
    items: parseCount(text("items"), "--items"),
    batch: parseCount(text("batch"), "--batch"),
    learningRate: parseCount(text("lr"), "--lr", { whole: false }),
    order: text("order"),
    seed: parseCount(text("seed"), "--seed", { zero: true }),
    timing: timing === "model" || timing === "measured" ? timing : { profile: timing },
  };
}
