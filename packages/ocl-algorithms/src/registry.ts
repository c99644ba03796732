import { er } from "./algorithms/er.js";
import { lwf } from "./algorithms/lwf.js";
import { mas } from "./algorithms/mas.js";
import { mir } from "./algorithms/mir.js";
import { vanilla } from "./algorithms/vanilla.js";
import { checkAllocate } from "./allotment.js";
import { checkPixels } from "./buffer/stored-inputs.js";
import type { AlgorithmOptions, AlgorithmShape, OclAlgorithm } from "./contract.js";
import { checkCount, checkName, InputError } from "./errors.js";

/** One row an algorithm. */
const algorithms: Readonly<
  Record<string, (shape: AlgorithmShape, options: AlgorithmOptions) => OclAlgorithm>
> = { vanilla, er, mir, lwf, mas };

/** All settings there are: a misspelt one is refused, not overlooked. */
const optionNames: Readonly<Record<keyof AlgorithmOptions, true>> = {
  seed: true,
  allocate: true,
  replay: true,
  capacity: true,
  buffer: true,
  pixels: true,
  candidates: true,
  learningRate: true,
  alpha: true,
  temperature: true,
  lambda: true,
  warmUp: true,
  refresh: true,
};

/** By setting, the algorithms that take it; settings of none stand beside any algorithm. */
const takers: Readonly<Partial<Record<string, readonly string[]>>> = {
  replay: ["er", "mir"],
  capacity: ["er", "mir"],
  buffer: ["er", "mir"],
  pixels: ["er", "mir"],
  candidates: ["mir"],
  learningRate: ["mir", "mas"],
  alpha: ["lwf"],
  temperature: ["lwf"],
  lambda: ["mas"],
  warmUp: ["lwf", "mas"],
  refresh: ["lwf", "mas"],
};

/** What a program knows of every run, and may hand to any algorithm. */
const common: readonly string[] = ["pixels", "learningRate"];

/** The names of the algorithms that take a setting; none where all do, or there is no such one. */
export function algorithmsThatTake(setting: string): readonly string[] {
  return (Object.hasOwn(takers, setting) && takers[setting]) || [];
}

/**
 * The settings of an algorithm that are its user's to choose; none where there is no such
 * algorithm. `seed`, `allocate`, `pixels` and `learningRate` are the run's, and not among them.
 */
export function algorithmSettings(name: string): readonly string[] {
  return Object.keys(takers).filter(
    (setting) => !common.includes(setting) && algorithmsThatTake(setting).includes(name),
  );
}

/** Names that `createAlgorithm` takes. */
export const algorithmNames: readonly string[] = Object.keys(algorithms);

/**
 * An algorithm by name.
 * @throws InputError where the name is unknown, or a setting is out of its range or one that the
 *   algorithm does not take; `pixels` and `learningRate` any takes.
 */
export function createAlgorithm(
  name: string,
  shape: AlgorithmShape,
  options: AlgorithmOptions,
): OclAlgorithm {
  const create = algorithms[name];
  if (!create || !Object.hasOwn(algorithms, name))
    throw new InputError(
      `Expected one of ${algorithmNames.join(", ")} for algorithm but received "${name}"`,
    );
  checkCount("batch", shape.batch);
  checkCount("inputLength", shape.inputLength);
  checkCount("classes", shape.classes);
  checkCount("parameterCount", shape.parameterCount);
  for (const [key, value] of Object.entries(options)) {
    if (!Object.hasOwn(optionNames, key))
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
  return create(shape, options);
}
