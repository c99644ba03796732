import { method, positive } from "../method.js";
import { elementwise, meanSquare } from "./elementwise.js";
import type { FisherOptions } from "./fisher.js";

const decay = 0.95;

/**
 * `fisher` with a lambda for each parameter, lambda0 / sqrt(m + 1e-7), m a moving average of g^2
 * of decay 0.95 (DC-ASGD-a of the same paper).
 */
export const adaptiveFisher = method<FisherOptions>({
  name: "adaptive-fisher",
  options: { lambda: positive(0.2) },
  floatsMoved: 7,
  create: (kernels, { lambda }) =>
    elementwise({
      name: "adaptive-fisher",
      averages: true,
      repair: (destination, { gradient, versions, state }, newest, _, step) =>
        kernels.adaptiveFisher(
          destination,
          gradient,
          newest,
          versions[0] as Float32Array,
          state.meanSquare,
          decay,
          lambda,
          step,
        ),
    }),
  onTensors(call) {
    const root = meanSquare(call, decay).add(1e-7).sqrt();
    const relative = call.gradient.mul(call.change).mul(call.settings.lambda).div(root);
    return call.gradient.mul(relative.add(1).clipByValue(0, 2));
  },
});
