import { compensatorNames } from "@ferret-ocl/compensation";
import {
  builtInModels,
  type LearnerOptions,
  optimizerNames,
  type RegressorOptions,
  runtimeNames,
} from "@ferret-ocl/pipeline";
import { InputError } from "../../errors.js";
import { parseBudget, parseCount, parseDuration, parseName, parseOptions } from "../../parse.js";
import { engines, objectives } from "../../setting.js";
import type { Raw } from "../options.js";
import { announce } from "../output.js";
import { parseAlgorithm } from "../parse-algorithm.js";

/** Shapes of a sample that built-in models are usually made for. */
const usualShapes: Readonly<Record<string, readonly number[]>> = {
  mnistnet: [28, 28, 1],
  convnet: [32, 32, 3],
  resnet18: [32, 32, 3],
  mobilenet: [32, 32, 3],
};

type GivenLearner = Partial<LearnerOptions> | Partial<RegressorOptions>;

/** What was given of a learner's options. */
export function readLearner(raw: Raw): LearnerOptions | RegressorOptions {
  const count = (key: string, option: string, rules = {}) =>
    raw[key] === undefined ? undefined : parseCount(raw[key], option, rules);
  const name = <T extends string>(key: string, option: string, known: readonly T[]) =>
    raw[key] === undefined ? undefined : parseName(raw[key], option, known);
  const given = {
    model: raw.model,
    weights: raw.weights,
    inputShape: raw.inputShape === undefined ? undefined : parseShape(raw.inputShape),
    classes: count("classes", "--classes"),
    outputs: count("outputs", "--outputs"),
    loss: raw.outputs === undefined ? undefined : "meanSquaredError",
    memoryBudget: raw.memoryBudget === undefined ? undefined : parseBudget(raw.memoryBudget),
    algorithm: raw.algorithm === undefined ? undefined : parseAlgorithm(raw.algorithm),
    algorithmOptions: settings(raw.algorithmOptions, "--algorithm-options"),
    compensation: name("compensation", "--compensation", ["auto", ...compensatorNames]),
    optimizer: name("optimizer", "--optimizer", optimizerNames),
    optimizerOptions: settings(raw.optimizerOptions, "--optimizer-options"),
    objective: name("objective", "--objective", objectives),
    timing: name("timing", "--timing", ["measured", "model"]),
    learningRate: count("lr", "--lr", { whole: false }),
    batch: count("batch", "--batch"),
    seed: count("seed", "--seed", { zero: true }),
    runtime: name("runtime", "--runtime", runtimeNames),
    clock: readClock(raw),
    arrivalInterval:
      raw.arrival === undefined ? undefined : parseDuration(raw.arrival, "--arrival"),
    whenBusy: name("whenBusy", "--when-busy", ["wait", "drop"]),
    onWarning: (sentence: string) => announce([sentence]),
  };
  const there = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as unknown as LearnerOptions | RegressorOptions;
}

const settings = (text: string | undefined, option: string) =>
  text === undefined ? undefined : parseOptions(text, option);

function readClock(raw: Raw): LearnerOptions["clock"] {
  if (raw.engine === undefined && raw.threads === undefined) return undefined;
  const engine = parseName(raw.engine ?? "threads", "--engine", engines);
  if (engine === "virtual") return { kind: engine };
  return {
    kind: engine,
    ...(raw.threads !== undefined && { count: parseCount(raw.threads, "--threads") }),
  };
}

/** What a new learner is where nothing else is asked for. */
export function withUsual(given: GivenLearner): LearnerOptions | RegressorOptions {
  const { model = "mnistnet", whenBusy, clock } = given;
  const isBuiltIn = typeof model === "string" && Object.hasOwn(builtInModels, model);
  const inputShape = given.inputShape ?? (isBuiltIn ? usualShapes[model as string] : undefined);
  if (isBuiltIn && inputShape === undefined)
    throw new InputError(
      `Expected the shape of a sample, such as 54, for --input-shape with --model ${model} but received none; ` +
        "the model is made for it",
    );
  if (isBuiltIn && given.classes === undefined && given.outputs === undefined)
    throw new InputError(
      `Expected the number of classes for --classes with --model ${model} but received none; give it, or ` +
        "--outputs for regression",
    );
  return {
    ...given,
    model,
    ...(inputShape !== undefined && { inputShape }),
    whenBusy: whenBusy ?? (clock?.kind === "virtual" ? "drop" : "wait"),
  } as LearnerOptions | RegressorOptions;
}

/** Reads `28,28,1`. */
function parseShape(text: string): number[] {
  const sizes = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (sizes.every((size) => Number.isSafeInteger(size) && size > 0)) return sizes;
  throw new InputError(
    `Expected sizes separated by commas, such as 28,28,1, for --input-shape but received "${text}"`,
  );
}
