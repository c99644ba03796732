import type { Compensator } from "../contract.js";
import type { VectorKernels } from "../kernels/contract.js";
import { checkOption } from "../options.js";
import { elementwise, type MeanSquareState } from "./elementwise.js";

/** Settings of `fisher-cap`. */
export interface FisherCapOptions {
  /** kappa times the samples of a batch, >= 0; default 1600: kappa = 100 at a batch of 16. */
  readonly capStrength?: number;
}

const decay = 0.99;

/**
 * g / (1 + kappa tau lr F) for each parameter: the delay-adaptive step with a curvature of its own
 * for each parameter. F is the diagonal of the empirical Fisher matrix: the bias-corrected moving
 * average of the batch gradient's square, times the samples of a batch. kappa makes up for what
 * the diagonal does not see of the largest eigenvalue.
 *
 * @throws InputError where an option is out of its range.
 */
export function fisherCap(
  kernels: VectorKernels,
  { capStrength = 1600 }: FisherCapOptions = {},
): Compensator<MeanSquareState> {
  checkOption("capStrength", capStrength, capStrength >= 0, "at least 0");
  const capped = elementwise({
    name: "fisher-cap",
    averages: true,
    repair(
      destination,
      gradient,
      newest,
      _origin,
      { meanSquare },
      count,
      { staleness, learningRate },
      step,
    ) {
      const strength = (capStrength * staleness * learningRate) / (1 - decay ** count);
      kernels.fisherCap(destination, gradient, newest, meanSquare, decay, strength, step);
    },
  });
  return { ...capped, stalenessCost: 0.17 };
}
