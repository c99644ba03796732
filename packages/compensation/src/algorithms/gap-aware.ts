import type { Compensator } from "../contract.js";
import type { VectorKernels } from "../kernels/contract.js";
import { elementwise, type MeanSquareState } from "./elementwise.js";

const decay = 0.999;

/**
 * g / (1 + |theta_now - theta_then| / C) for each parameter: a step shrinks by the gap that has
 * opened, counted in usual steps C = lr (sqrt(m) + 1e-8), m the bias-corrected moving average of
 * g^2 (gap-aware mitigation; S. Barkai et al., arXiv 1909.10802).
 */
export function gapAware(kernels: VectorKernels): Compensator<MeanSquareState> {
  return elementwise({
    name: "gap-aware",
    averages: true,
    repair(destination, gradient, newest, origin, { meanSquare }, count, { learningRate }, step) {
      const scale = learningRate / Math.sqrt(1 - decay ** count);
      // Where nothing was ever learned a gap is none, not 0 / 0.
      const floor = Math.max(learningRate * 1e-8, 1e-30);
      kernels.gapAware(
        destination,
        gradient,
        newest,
        origin,
        meanSquare,
        decay,
        scale,
        floor,
        step,
      );
    },
  });
}
