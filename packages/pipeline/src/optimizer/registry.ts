import type { VectorKernels } from "@ferret-ocl/compensation";
import { checkMembers, checkRecord } from "../check-options.js";
import { expected } from "../errors.js";
import { type AdamOptions, adam } from "./adam.js";
import type { Optimizer } from "./contract.js";
import { type MomentumOptions, momentum } from "./momentum.js";
import { sgd } from "./sgd.js";

/** Settings of every optimizer; one that an optimizer does not take is refused. */
export type OptimizerOptions = MomentumOptions & AdamOptions;

type Create = (kernels: VectorKernels, options: OptimizerOptions) => Optimizer<never>;

/** One row an optimizer: how it is made, and the options that it takes. */
const optimizers: Readonly<Record<string, readonly [Create, ...(keyof OptimizerOptions)[]]>> = {
  sgd: [(kernels) => sgd(kernels) as Optimizer<never>],
  momentum: [(_, options) => momentum(options) as Optimizer<never>, "momentum"],
  adam: [(_, options) => adam(options) as Optimizer<never>, "beta1", "beta2", "epsilon"],
};

/** Names that `createOptimizer` takes. */
export const optimizerNames: readonly string[] = Object.keys(optimizers);

/**
 * An optimizer by name.
 *
 * @param kernels the vector kernels of the run.
 * @throws InputError where the name is unknown, or an option is unknown to the optimizer or out of
 * its range.
 */
export function createOptimizer(
  name: string,
  options: OptimizerOptions,
  kernels: VectorKernels,
): Optimizer {
  const row = Object.hasOwn(optimizers, name) ? optimizers[name] : undefined;
  if (!row) throw expected(`one of ${optimizerNames.join(", ")}`, "optimizer", name);
  checkRecord(options, "options of the optimizer");
  checkMembers(kernels, "kernels", ["sgd"]);
  const [create, ...taken] = row;
  const unknown = Object.keys(options).find((option) => !(taken as string[]).includes(option));
  if (unknown !== undefined)
    throw expected(
      taken.length > 0 ? `only ${taken.join(", ")}` : "no options",
      `options of ${name}`,
      unknown,
      "leave it out or correct its name",
    );
  return create(kernels, options) as Optimizer;
}
