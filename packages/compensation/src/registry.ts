import { type BlockFisherOptions, blockFisher } from "./algorithms/block-fisher.js";
import { closedForm } from "./algorithms/closed-form.js";
import { type DelayAdaptiveOptions, delayAdaptive } from "./algorithms/delay-adaptive.js";
import { type DriftAwareOptions, driftAware } from "./algorithms/drift-aware.js";
import { adaptiveFisher, fisher } from "./algorithms/fisher.js";
import { type FisherCapOptions, fisherCap } from "./algorithms/fisher-cap.js";
import { gapAware } from "./algorithms/gap-aware.js";
import { iterFisher } from "./algorithms/iter-fisher.js";
import { none } from "./algorithms/none.js";
import { rankOne } from "./algorithms/rank-one.js";
import { type SecantOptions, secant } from "./algorithms/secant.js";
import { stepAware } from "./algorithms/step-aware.js";
import { checked } from "./checked.js";
import type { Compensator } from "./contract.js";
import { InputError } from "./errors.js";
import { guard } from "./guard.js";
import type { VectorKernels } from "./kernels/contract.js";
import { referenceKernels } from "./kernels/reference.js";
import { stalenessCostsBehind } from "./staleness-costs.js";

/** Settings of every algorithm; one that an algorithm does not take is refused. */
export type CompensationOptions = DriftAwareOptions &
  BlockFisherOptions &
  DelayAdaptiveOptions &
  FisherCapOptions &
  SecantOptions;

type Create = (kernels: VectorKernels, options: CompensationOptions) => Compensator<never>;

const ofIterFisher = ["lambda", "emaDecay", "lambdaRate", "lambdaPenalty"] as const;

/** How it is made, the floats that it moves, see `Compensator`, and the options that it takes. */
type Row = readonly [Create, number, ...(keyof CompensationOptions)[]];

/**
 * One row an algorithm. Floats are counted in the passes of its kernels over vectors, with one that
 * `guard` reads; of `iter-fisher` with two versions.
 */
const algorithms: Readonly<Record<string, Row>> = {
  none: [() => none() as Compensator<never>, 0],
  "step-aware": [guarded(stepAware), 4],
  "gap-aware": [guarded(gapAware), 7],
  fisher: [guarded(fisher), 6, "lambda"],
  "adaptive-fisher": [guarded(adaptiveFisher), 7, "lambda"],
  "iter-fisher": [guarded(iterFisher), 13, ...ofIterFisher],
  "closed-form": [guarded(closedForm), 5, "lambda"],
  "delay-adaptive": [guarded(delayAdaptive), 4, "delayStrength"],
  "fisher-cap": [guarded(fisherCap), 6, "capStrength"],
  "drift-aware": [guarded(driftAware), 14, ...ofIterFisher, "driftTolerance", "driftThreshold"],
  "block-fisher": [guarded(blockFisher), 7, "lambda", "trustRadius"],
  "rank-one": [guarded(rankOne), 8],
  secant: [guarded(secant), 18, "leadReach"],
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
 * What the compensator is called with is checked: lengths, `staleness` and `learningRate`, and that
 * the state is its own. Its methods throw InputErrors that name the argument, and change nothing.
 *
 * @throws InputError where the name is unknown, or an option is unknown to the method or out of its
 * range.
 */
export function createCompensator(
  name: string,
  options: CompensationOptions = {},
  kernels: VectorKernels = referenceKernels,
): Compensator {
  const row = Object.hasOwn(algorithms, name) ? algorithms[name] : undefined;
  if (!row)
    throw new InputError(
      `Expected one of ${compensatorNames.join(", ")} for compensation but received "${name}"`,
    );
  if (typeof options !== "object" || options === null)
    throw new InputError(
      `Expected an object for the options of a compensator but received ${String(options)}`,
    );
  const [create, floatsMoved, ...taken] = row;
  const unknown = Object.keys(options).find((option) => !(taken as string[]).includes(option));
  if (unknown !== undefined)
    throw new InputError(
      `Expected ${taken.length > 0 ? `only ${taken.join(", ")}` : "none"} for the options of ${name} ` +
        `but received ${JSON.stringify(unknown)}; leave it out or correct its name`,
    );
  const missing = neededKernels.find((kernel) => typeof kernels?.[kernel] !== "function");
  if (missing)
    throw new InputError(
      `Expected vector kernels for a compensator but they have no function "${missing}"; leave them ` +
        "out for plain TypeScript",
    );
  const stalenessCostBehind = stalenessCostsBehind[name] ?? {};
  return checked({
    ...create(kernels, options),
    floatsMoved,
    stalenessCostBehind,
  }) as Compensator;
}
