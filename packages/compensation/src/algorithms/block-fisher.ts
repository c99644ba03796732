import { method, positive } from "../method.js";
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
 */
export const blockFisher = method<BlockFisherOptions>({
  name: "block-fisher",
  options: {
    lambda: positive(0.2),
    trustRadius: { usual: 0.5, fits: (value) => value >= 0 && value <= 1, range: "in [0, 1]" },
  },
  floatsMoved: 7,
  create(kernels, { lambda, trustRadius }) {
    const sums = new Float64Array(2);
    return scaling(kernels, "block-fisher", ({ gradient, versions }) => {
      const newest = versions[versions.length - 1] as Float32Array;
      kernels.changeProducts(gradient, newest, versions[0] as Float32Array, sums);
      const change = lambda * (sums[0] as number);
      return 1 + Math.max(-trustRadius, Math.min(trustRadius, change));
    });
  },
  onTensors: ({ gradient, change, settings: { lambda, trustRadius } }) => {
    const factor = gradient.mul(change).sum().mul(lambda);
    return gradient.mul(factor.clipByValue(-trustRadius, trustRadius).add(1));
  },
});
