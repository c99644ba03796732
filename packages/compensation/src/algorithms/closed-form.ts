import { method, positive } from "../method.js";
import { elementwise } from "./elementwise.js";

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
 */
export const closedForm = method<ClosedFormOptions>({
  name: "closed-form",
  options: { lambda: positive(0.2) },
  floatsMoved: 5,
  create: (kernels, { lambda }) =>
    elementwise({
      name: "closed-form",
      averages: false,
      repair: (destination, { gradient, versions }, newest, _, step) =>
        kernels.closedFormFisher(
          destination,
          gradient,
          newest,
          versions[0] as Float32Array,
          lambda,
          step,
        ),
    }),
  onTensors: ({ gradient, change, settings: { lambda } }) =>
    gradient.div(gradient.mul(change).mul(-lambda).add(1).maximum(0.5)),
});
