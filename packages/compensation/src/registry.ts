import { type IterFisherOptions, iterFisher } from "./algorithms/iter-fisher.js";
import { none } from "./algorithms/none.js";
import type { Compensator, VectorKernels } from "./contract.js";
import { InputError } from "./errors.js";
import { referenceKernels } from "./reference.js";

/** Settings of every algorithm; each reads its own. */
export type CompensationOptions = IterFisherOptions;

/** One row an algorithm. */
const algorithms: Readonly<
  Record<string, (kernels: VectorKernels, options: CompensationOptions) => Compensator<never>>
> = {
  none: () => none() as Compensator<never>,
  "iter-fisher": (kernels, options) => iterFisher(kernels, options) as Compensator<never>,
};

/** Names that `createCompensator` takes. */
export const compensatorNames: readonly string[] = Object.keys(algorithms);

/**
 * A compensator by name.
 *
 * @param kernels what does the heavy work; default: plain TypeScript.
 * @throws InputError where the name is unknown or an option is out of its range.
 */
export function createCompensator(
  name: string,
  options: CompensationOptions = {},
  kernels: VectorKernels = referenceKernels,
): Compensator {
  const create = algorithms[name];
  if (!create || !Object.hasOwn(algorithms, name))
    throw new InputError(
      `Expected one of ${compensatorNames.join(", ")} for compensation but received "${name}"`,
    );
  return create(kernels, options) as Compensator;
}
