import { er } from "./algorithms/er.js";
import { lwf } from "./algorithms/lwf.js";
import { mas } from "./algorithms/mas.js";
import { mir } from "./algorithms/mir.js";
import { vanilla } from "./algorithms/vanilla.js";
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

/** Names that `createAlgorithm` takes. */
export const algorithmNames: readonly string[] = Object.keys(algorithms);

/**
 * An algorithm by name.
 * @throws InputError where the name is unknown or a setting is out of its range.
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
  for (const key of Object.keys(options))
    checkName("the options of an algorithm", key, Object.keys(optionNames));
  return create(shape, options);
}
