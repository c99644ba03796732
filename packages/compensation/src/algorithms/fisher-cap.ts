import { method, positive } from "../method.js";
import { elementwise, meanSquare } from "./elementwise.js";

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
 */
export const fisherCap = method<FisherCapOptions>({
  name: "fisher-cap",
  options: { capStrength: positive(1600) },
  floatsMoved: 6,
  stalenessCost: 0.17,
  create: (kernels, { capStrength }) =>
    elementwise({
      name: "fisher-cap",
      averages: true,
      repair(destination, { gradient, state, staleness, learningRate }, newest, count, step) {
        const strength = (capStrength * staleness * learningRate) / (1 - decay ** count);
        kernels.fisherCap(destination, gradient, newest, state.meanSquare, decay, strength, step);
      },
    }),
  onTensors(call) {
    const { staleness, learningRate } = call.context;
    const strength = call.settings.capStrength * staleness * learningRate;
    const corrected = strength / (1 - decay ** call.count);
    return call.gradient.div(meanSquare(call, decay).mul(corrected).add(1));
  },
});
