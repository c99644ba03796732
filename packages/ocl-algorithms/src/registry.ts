import { er, erSettings } from "./algorithms/er.js";
import { lwf, lwfSettings } from "./algorithms/lwf.js";
import { mas, masSettings } from "./algorithms/mas.js";
import { mir, mirSettings } from "./algorithms/mir.js";
import { vanilla, vanillaSettings } from "./algorithms/vanilla.js";
import { checkAllocate } from "./allotment.js";
import { checkPixels } from "./buffer/stored-inputs.js";
import type {
  AlgorithmOptions,
  AlgorithmSetting,
  AlgorithmShape,
  OclAlgorithm,
} from "./contract.js";
import { checkCount, checkName, InputError } from "./errors.js";

interface Row {
  readonly create: (shape: AlgorithmShape, options: AlgorithmOptions) => OclAlgorithm;
  readonly settings: readonly AlgorithmSetting[];
}

/** One row per algorithm. */
const algorithms: Readonly<Record<string, Row>> = {
  vanilla: { create: vanilla, settings: vanillaSettings },
  er: { create: er, settings: erSettings },
  mir: { create: mir, settings: mirSettings },
  lwf: { create: lwf, settings: lwfSettings },
  mas: { create: mas, settings: masSettings },
};

/** All known settings: a misspelt one is refused, not ignored. */
const optionNames: readonly string[] = [
  "seed",
  "allocate",
  ...new Set(Object.values(algorithms).flatMap(({ settings }) => settings)),
];

/** What a program knows about every run, and may pass to any algorithm. */
const common: readonly string[] = ["pixels", "learningRate"];

/** The names of the algorithms that take a setting; empty if all do, or if it does not exist. */
export function algorithmsThatTake(setting: string): readonly string[] {
  return Object.keys(algorithms).filter((name) => settingsOf(name).includes(setting));
}

function settingsOf(name: string): readonly string[] {
  return Object.hasOwn(algorithms, name) ? (algorithms[name] as Row).settings : [];
}

/**
 * The settings of an algorithm that its user may choose; empty if there is no such algorithm.
 * `seed`, `allocate`, `pixels` and `learningRate` belong to the run, and are not among them.
 */
export function algorithmSettings(name: string): readonly string[] {
  return settingsOf(name).filter((setting) => !common.includes(setting));
}

/** Names that `createAlgorithm` takes. */
export const algorithmNames: readonly string[] = Object.keys(algorithms);

/**
 * An algorithm by name.
 * @throws InputError if the name is unknown, or a setting is out of range or not one that the
 *   algorithm takes; every algorithm takes `pixels` and `learningRate`.
 */
export function createAlgorithm(
  name: string,
  shape: AlgorithmShape,
  options: AlgorithmOptions,
): OclAlgorithm {
  const row = Object.hasOwn(algorithms, name) ? algorithms[name] : undefined;
  if (!row)
    throw new InputError(
      `Expected one of ${algorithmNames.join(", ")} for algorithm but received "${name}"`,
    );
  checkCount("batch", shape.batch);
  checkCount("inputLength", shape.inputLength);
  checkCount("classes", shape.classes);
  checkCount("parameterCount", shape.parameterCount);
  if (shape.loss !== undefined) checkName("loss of the shape", shape.loss, ["meanSquaredError"]);
  for (const [key, value] of Object.entries(options)) {
    if (!optionNames.includes(key))
      checkName(`the options of ${name}`, key, [
        "seed",
        "allocate",
        ...common,
        ...algorithmSettings(name),
      ]);
    const known = algorithmsThatTake(key);
    const isForeign = known.length > 0 && !known.includes(name) && !common.includes(key);
    if (isForeign && value !== undefined)
      throw new InputError(
        `Expected one of ${known.join(", ")} for an algorithm with ${key} but received "${name}"; ` +
          `leave ${key} out`,
      );
  }
  if (options.pixels !== undefined) checkPixels(options.pixels);
  if (options.allocate !== undefined) checkAllocate(options.allocate);
  return row.create(shape, options);
}
