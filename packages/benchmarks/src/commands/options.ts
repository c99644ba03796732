import { availableParallelism } from "node:os";
import { compensatorNames } from "@ferret-ocl/compensation";
import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import { optimizerNames, runtimeNames } from "@ferret-ocl/pipeline";
import type { Command } from "commander";
import { InputError } from "../errors.js";
import { loadMachinery, type Machinery } from "../machinery.js";
import { skipSizes } from "../methods/one-stage.js";
import { methodNames } from "../methods/registry.js";
import {
  parseBudget,
  parseChange,
  parseCount,
  parseDuration,
  parseName,
  parseOptions,
} from "../parse.js";
import { engines, objectives, type RunSetting } from "../setting.js";
import { orderNames } from "../streams/registry.js";
import { scales } from "../streams/saved-scaling.js";
import { readComputeUnits } from "./compute-units.js";
import { readGivenPlan } from "./given-plan.js";
import { parseAlgorithm } from "./parse-algorithm.js";
import { readTableOptions, withTableOptions } from "./table-options.js";

const compensationNames = ["auto", ...compensatorNames];

/** How a learning algorithm is named, behind what it is for. */
export function algorithmHelp(purpose: string): string {
  return `${purpose}: ${algorithmNames.join(", ")}, or a module's function such as ./mine.mjs#create`;
}

/**
 * Options that describe what is learned; shared by every command that runs something.
 * @param defaults where a command's own differ.
 */
export function withSettingOptions(
  command: Command,
  { model = "mnistnet", order = "iid", lr = "0.05", choosesEngine = false } = {},
): Command {
  return withTableOptions(
    command
      .option(
        "--dataset <name|path>",
        "data set by name, or a path of a table, images or arrays",
        "glyphs",
      )
      .option("--data-dir <dir>", "folder with the data sets' files (or FERRET_DATA_DIR)"),
  )
    .option(
      "--model <name|path>",
      "built-in model, a Keras JSON file, or the folder of a LayersModel of tfjs",
      model,
    )
    .option("--weights <file>", "safetensors file with the initial weights")
    .option("--algorithm <name|module>", algorithmHelp("what is learned from an item"), "vanilla")
    .option("--algorithm-options <list>", "its settings, such as replay=32,buffer=ring")
    .option(
      "--compensation <name>",
      `repair of late gradients: ${compensationNames.join(", ")}; auto: chosen by the plan`,
      "auto",
    )
    .option(
      "--objective <name>",
      "plan for progress: gradients, minus what lateness costs; paper: the adaptation rate R",
      "progress",
    )
    .option(
      "--items <count>",
      "items of the stream (default: what one pass fills, at most 1000; with --passes all)",
    )
    .option("--passes <count>", "how many times the stream may go over the samples (default: 1)")
    .option("--batch <count>", "samples in an item", "16")
    .option("--lr <rate>", "learning rate", lr)
    .option(
      "--optimizer <name>",
      `what turns a gradient into a step: ${optimizerNames.join(", ")}`,
      "sgd",
    )
    .option("--optimizer-options <list>", "its settings, such as momentum=0.95")
    .option("--order <name>", `order of the stream: ${orderNames.join(", ")}`, order)
    .option("--scale <name>", scaleHelp)
    .option("--label-delay <count>", "items that arrive between an item and its labels", "0")
    .option("--seed <integer>", "seed of everything random", "0")
    .option(
      "--timing <model|measured|path>",
      "durations to plan with and for the virtual clock (default: model" +
        `${choosesEngine ? "; on threads: measured" : ""})`,
    )
    .option("--runtime <name>", `what computes: ${runtimeNames.join(", ")}`, "auto");
}

export const scaleHelp =
  "standardise measured features by: file, the whole training split; running, what has come so " +
  "far; none (default: running in the order given, otherwise file)";

/** Reads `--scale`; null where it is not given. */
export function readScale(text: string | undefined): RunSetting["scale"] {
  return text === undefined ? null : parseName(text, "--scale", scales);
}

/** Options that say how fast items come. */
export function withPaceOptions(command: Command, { max = false } = {}): Command {
  return command
    .option(
      "--pressure <number>",
      "how many times faster items come than one learner takes them",
      "8",
    )
    .option(
      "--arrival <duration>",
      `time between items, such as 5ms${max ? ", or max" : ""}; instead of --pressure`,
    );
}

/** Options of the clock; only for a command that runs a learner that both engines know. */
export function withEngineOptions(command: Command): Command {
  return command
    .option(
      "--engine <name>",
      "virtual: a simulated clock, the same everywhere; threads: worker threads, in real time",
      "virtual",
    )
    .option("--threads <count>", "threads to run on, with --engine threads (default: all cores)");
}

/** Options of a command as they came, those that take a value. */
export type Raw = Readonly<Record<string, string | undefined>>;

/** Whether an option has its default because it was not given. */
export function isUsual(command: Command, key: string): boolean {
  return command.getOptionValueSource(key) === "default";
}

/** The runtime and kernels that `--runtime` asks for. */
export function readMachinery(runtime: string | undefined): Promise<Machinery> {
  return loadMachinery(parseName(runtime ?? "auto", "--runtime", runtimeNames));
}

/** The folder with the data sets' files, or undefined; an empty variable is none. */
export function dataDirOf(option: string | undefined): string | undefined {
  return option ?? (process.env.FERRET_DATA_DIR || undefined);
}

/** Checks the texts that came from the command line; throws InputError. */
export function readSetting(raw: Raw, changes: readonly string[] = []): RunSetting {
  const text = (key: string) => raw[key] as string;
  const engine = parseName(raw.engine ?? "virtual", "--engine", engines);
  const timing = raw.timing ?? (engine === "threads" ? "measured" : "model");
  const method = parseName(raw.method ?? "ferret", "--method", methodNames);
  const arrival = raw.arrival === undefined ? null : parseArrival(raw.arrival);
  if (engine === "virtual" && arrival === "max")
    throw new InputError(
      'Expected a duration such as 5ms for --arrival with --engine virtual but received "max"; ' +
        "only --engine threads can tell how fast items are taken",
    );
  const optionalCount = (key: string) =>
    raw[key] === undefined ? null : parseCount(raw[key], `--${key}`);
  return {
    dataset: text("dataset"),
    dataDir: dataDirOf(raw.dataDir),
    table: readTableOptions(raw),
    model: text("model"),
    weights: raw.weights,
    method,
    algorithm: parseAlgorithm(text("algorithm")),
    algorithmOptions: parseOptions(raw.algorithmOptions ?? "", "--algorithm-options"),
    compensation: parseName(text("compensation"), "--compensation", compensationNames),
    optimizer: parseName(raw.optimizer ?? "sgd", "--optimizer", optimizerNames),
    optimizerOptions: parseOptions(raw.optimizerOptions ?? "", "--optimizer-options"),
    ...(raw.objective === undefined
      ? {}
      : { objective: parseName(raw.objective, "--objective", objectives) }),
    memoryBudget: parseBudget(raw.memoryBudget ?? "none"),
    given: readGivenPlan(raw),
    // An experiment that sets it by itself has no such option.
    pressure: parseCount(raw.pressure ?? "1", "--pressure", { whole: false }),
    arrival,
    ...readLength(raw, usualItems),
    ...(raw.skipItems === undefined
      ? {}
      : { skipItems: parseCount(raw.skipItems, "--skip-items", { zero: true }) }),
    batch: parseCount(text("batch"), "--batch"),
    learningRate: parseCount(text("lr"), "--lr", { whole: false }),
    order: text("order"),
    scale: readScale(raw.scale),
    labelDelay: parseCount(text("labelDelay"), "--label-delay", { zero: true }),
    stages: optionalCount("stages"),
    microbatches: optionalCount("microbatches"),
    ...readBatchSkip(raw),
    seed: parseCount(text("seed"), "--seed", { zero: true }),
    timing: timing === "model" || timing === "measured" ? timing : { profile: timing },
    engine,
    changes: changes.map(parseChange).sort((a, b) => a.at - b.at),
    units: readComputeUnits(raw),
    threads:
      raw.threads === undefined ? availableParallelism() : parseCount(raw.threads, "--threads"),
  };
}

/** Reads `--waiting` and `--at-once`. */
function readBatchSkip({ waiting, atOnce }: Raw): Pick<RunSetting, "batchSkip"> {
  if (waiting === undefined && atOnce === undefined) return {};
  const sizes = {
    waiting: waiting === undefined ? skipSizes.waiting : parseCount(waiting, "--waiting"),
    atOnce: atOnce === undefined ? 0 : parseCount(atOnce, "--at-once"),
  };
  if (atOnce === undefined) sizes.atOnce = Math.min(skipSizes.atOnce, sizes.waiting);
  if (sizes.atOnce > sizes.waiting)
    throw new InputError(
      `Expected at most as many items for --at-once as wait, ${sizes.waiting}, but received ` +
        `${sizes.atOnce}; ask for fewer, or raise --waiting`,
    );
  return { batchSkip: sizes };
}

/** Items of a stream where neither their number nor that of passes is asked for. */
const usualItems = 1000;

/** Reads how long a stream is to be. */
export function readLength(
  { items, passes }: { readonly items?: string | undefined; readonly passes?: string | undefined },
  usual: number,
): Pick<RunSetting, "items" | "mostItems" | "passes"> {
  return {
    items: items === undefined ? null : parseCount(items, "--items"),
    mostItems: passes === undefined ? usual : null,
    passes: passes === undefined ? 1 : parseCount(passes, "--passes"),
  };
}

function parseArrival(text: string): number | "max" {
  return text === "max" ? text : parseDuration(text, "--arrival");
}
