import type { Compensator } from "../contract.js";
import type { VectorKernels } from "../kernels/contract.js";
import { checkOption } from "../options.js";
import { scaling } from "./scaling.js";

/** Settings of `block-fisher`. */
export interface BlockFisherOptions {
  /** lambda >= 0; default 0.2. */
  readonly lambda?: number;
  /** Most that a gradient may change, as a share of it, in [0, 1]; default 0.5. */
  readonly trustRadius?: number;
}

/**
 * g + lambda g <g, d>, with d = theta_now - theta_then: the Taylor step with the whole empirical
 * Fisher matrix g g^T of a block of parameters (in a pipeline: a stage) instead of its diagonal.
 * The matrix has rank one, so the product costs O(n) and only ever changes the gradient's length.
 *
 * Where the expansion is no good any more <g, d> grows without bound, hence a trust region: the
 * factor 1 + lambda <g, d> stays within `trustRadius` of 1.
 *
 * @throws InputError where an option is out of its range.
 */
export function blockFisher(
  kernels: VectorKernels,
  { lambda = 0.2, trustRadius = 0.5 }: BlockFisherOptions = {},
): Compensator<null> {
  checkOption("lambda", lambda, lambda >= 0, "at least 0");
  checkOption("trustRadius", trustRadius, trustRadius >= 0 && trustRadius <= 1, "in [0, 1]");
  const sums = new Float64Array(2);
  return scaling(kernels, {
    name: "block-fisher",
    factor(gradient, newest, origin) {
      kernels.changeProducts(gradient, newest, origin, sums);
      const change = lambda * (sums[0] as number);
      return 1 + Math.max(-trustRadius, Math.min(trustRadius, change));
    },
  });
}
