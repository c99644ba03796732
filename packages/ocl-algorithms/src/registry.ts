import { er } from "./algorithms/er.js";
import { vanilla } from "./algorithms/vanilla.js";
import type { AlgorithmOptions, AlgorithmShape, OclAlgorithm } from "./contract.js";
import { checkCount, InputError } from "./errors.js";

/** One row an algorithm. */
const algorithms: Readonly<
  Record<string, (shape: AlgorithmShape, options: AlgorithmOptions) => OclAlgorithm>
> = { vanilla, er };

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
  return create(shape, options);
}
