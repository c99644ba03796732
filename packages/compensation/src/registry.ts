import { auto } from "./algorithms/auto.js";
import { type BlockFisherOptions, blockFisher } from "./algorithms/block-fisher.js";
import { closedForm } from "./algorithms/closed-form.js";
import { type DelayAdaptiveOptions, delayAdaptive } from "./algorithms/delay-adaptive.js";
import { type DriftAwareOptions, driftAware } from "./algorithms/drift-aware.js";
import { adaptiveFisher, fisher } from "./algorithms/fisher.js";
import { type FisherCapOptions, fisherCap } from "./algorithms/fisher-cap.js";
import { gapAware } from "./algorithms/gap-aware.js";
import { iterFisher } from "./algorithms/iter-fisher.js";
import { none } from "./algorithms/none.js";
import { stepAware } from "./algorithms/step-aware.js";
import type { Compensator } from "./contract.js";
import { InputError } from "./errors.js";
import { guard } from "./guard.js";
import { referenceKernels } from "./reference.js";
import type { VectorKernels } from "./vector-kernels.js";

/** Settings of every algorithm; each reads its own. */
export type CompensationOptions = DriftAwareOptions &
  BlockFisherOptions &
  DelayAdaptiveOptions &
  FisherCapOptions;

type Create = (kernels: VectorKernels, options: CompensationOptions) => Compensator<never>;

/** One row an algorithm. */
const algorithms: Readonly<Record<string, Create>> = {
  none: () => none() as Compensator<never>,
  "step-aware": guarded(stepAware),
  "gap-aware": guarded(gapAware),
  fisher: guarded(fisher),
  "adaptive-fisher": guarded(adaptiveFisher),
  "iter-fisher": guarded(iterFisher),
  "closed-form": guarded(closedForm),
  "delay-adaptive": guarded(delayAdaptive),
  "fisher-cap": guarded(fisherCap),
  "drift-aware": guarded(driftAware),
  "block-fisher": guarded(blockFisher),
  auto: guarded(auto),
};

function guarded<State>(
  create: (kernels: VectorKernels, options: CompensationOptions) => Compensator<State>,
): Create {
  return (kernels, options) => guard(create(kernels, options), kernels) as Compensator<never>;
}

/** What every implementation of the kernels has. */
const neededKernels = ["sgd", "add", "squaredNorm"] as const;

/** Names that `createCompensator` takes. */
export const compensatorNames: readonly string[] = Object.keys(algorithms);

/**
 * A compensator by name. All but `none` stop repairing for a while when gradients diverge, see
 * `faults`.
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
  if (typeof options !== "object" || options === null)
    throw new InputError(
      `Expected an object for the options of a compensator but received ${String(options)}`,
    );
  const missing = neededKernels.find((kernel) => typeof kernels?.[kernel] !== "function");
  if (missing)
    throw new InputError(
      `Expected vector kernels for a compensator but they have no function "${missing}"; leave them ` +
        "out for plain TypeScript",
    );
  return create(kernels, options) as Compensator;
}
