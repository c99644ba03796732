import type { Compensator } from "../contract.js";
import type { VectorKernels } from "../kernels/contract.js";
import { checkOption } from "../options.js";
import { elementwise, type MeanSquareState } from "./elementwise.js";

/** Settings of `fisher`. */
export interface FisherOptions {
  /** lambda >= 0; default 0.2. */
  readonly lambda?: number;
}

/**
 * g + lambda g g (theta_now - theta_then): one Taylor step with the diagonal empirical Fisher
 * matrix for the Hessian (delay-compensated ASGD; S. Zheng et al., arXiv 1609.08326). The factor
 * 1 + lambda g d is held to [0, 2].
 *
 * @throws InputError where an option is out of its range.
 */
export function fisher(
  kernels: VectorKernels,
  { lambda = 0.2 }: FisherOptions = {},
): Compensator<null> {
  checkOption("lambda", lambda, lambda >= 0, "at least 0");
  const ends = (versions: readonly Float32Array[]) =>
    [versions[0], versions[versions.length - 1]] as Float32Array[];
  return {
    name: "fisher",
    staysFinite: true,
    stateVectors: 0,
    init: () => null,
    update(gradient, versions) {
      if (versions.length > 1) kernels.iterativeFisher(gradient, ends(versions), lambda);
    },
    ...(kernels.iterativeFisherSgd && {
      step(destination, gradient, versions, _, { learningRate }) {
        const newest = versions[versions.length - 1] as Float32Array;
        if (versions.length < 2) kernels.sgd(destination, newest, gradient, learningRate);
        else
          kernels.iterativeFisherSgd?.(
            destination,
            newest,
            gradient,
            ends(versions),
            lambda,
            learningRate,
          );
      },
    }),
  };
}

/**
 * The same with a lambda for each parameter, lambda0 / sqrt(m + 1e-7), m a moving average of g^2
 * of decay 0.95 (DC-ASGD-a of the same paper).
 *
 * @throws InputError where an option is out of its range.
 */
export function adaptiveFisher(
  kernels: VectorKernels,
  { lambda = 0.2 }: FisherOptions = {},
): Compensator<MeanSquareState> {
  checkOption("lambda", lambda, lambda >= 0, "at least 0");
  return elementwise({
    name: "adaptive-fisher",
    averages: true,
    repair: (destination, gradient, newest, origin, { meanSquare }, _, __, step) =>
      kernels.adaptiveFisher(destination, gradient, newest, origin, meanSquare, 0.95, lambda, step),
  });
}
