import type { Compensator } from "../contract.js";
import type { VectorKernels } from "../kernels/contract.js";
import { checkOption } from "../options.js";
import { elementwise, type MeanSquareState } from "./elementwise.js";

/** Settings of `closed-form`. */
export interface ClosedFormOptions {
  /** lambda >= 0; default 0.2. */
  readonly lambda?: number;
}

/**
 * g / (1 - lambda g d), with d = theta_now - theta_then: what the steps of Iter-Fisher
 * (arXiv 2503.12053, Eq. 9) tend to as they become small, dg / dtheta = lambda g^2 integrated along
 * the way. It needs two versions where Iter-Fisher needs tau + 1.
 *
 * The solution runs to infinity at lambda g d = 1; like a step of Iter-Fisher it may at most
 * double the gradient.
 *
 * @throws InputError where an option is out of its range.
 */
export function closedForm(
  kernels: VectorKernels,
  { lambda = 0.2 }: ClosedFormOptions = {},
): Compensator<MeanSquareState> {
  checkOption("lambda", lambda, lambda >= 0, "at least 0");
  return elementwise({
    name: "closed-form",
    averages: false,
    repair: (destination, gradient, newest, origin, _, __, ___, step) =>
      kernels.closedFormFisher(destination, gradient, newest, origin, lambda, step),
  });
}
