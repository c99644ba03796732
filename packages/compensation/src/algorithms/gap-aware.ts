import { method } from "../method.js";
import { elementwise, meanSquare } from "./elementwise.js";

const decay = 0.999;

/** The least C: where nothing was ever learned a gap is none, not 0 / 0. */
const floorOf = (learningRate: number) => Math.max(learningRate * 1e-8, 1e-30);

/**
 * g / (1 + |theta_now - theta_then| / C) for each parameter: a step shrinks by the gap that has
 * opened, counted in usual steps C = lr (sqrt(m) + 1e-8), m the bias-corrected moving average of
 * g^2 (gap-aware mitigation; S. Barkai et al., arXiv 1909.10802).
 */
export const gapAware = method({
  name: "gap-aware",
  options: {},
  floatsMoved: 7,
  create: (kernels) =>
    elementwise({
      name: "gap-aware",
      averages: true,
      repair(destination, { gradient, versions, state, learningRate }, newest, count, step) {
        const scale = learningRate / Math.sqrt(1 - decay ** count);
        const origin = versions[0] as Float32Array;
        kernels.gapAware(
          destination,
          gradient,
          newest,
          origin,
          state.meanSquare,
          decay,
          scale,
          floorOf(learningRate),
          step,
        );
      },
    }),
  onTensors(call) {
    const { learningRate } = call.context;
    const scale = learningRate / Math.sqrt(1 - decay ** call.count);
    const usual = meanSquare(call, decay).sqrt().mul(scale).add(floorOf(learningRate));
    return call.gradient.div(call.change.abs().div(usual).add(1));
  },
});
