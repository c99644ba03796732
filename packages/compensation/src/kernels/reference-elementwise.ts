import { checkedKernels } from "./call-checks.js";
import type { VectorKernels } from "./contract.js";

/** The element-by-element methods in plain TypeScript. */
export const elementwiseKernels: Pick<
  VectorKernels,
  | "closedFormFisher"
  | "adaptiveFisher"
  | "gapAware"
  | "fisherCap"
  | "squaredNorm"
  | "changeProducts"
> = checkedKernels({
  closedFormFisher(destination, gradient, newest, origin, lambda, step) {
    for (let index = 0; index < gradient.length; index++) {
      const g = gradient[index] as number;
      const now = newest[index] as number;
      const predicted = lambda * g * (now - (origin[index] as number));
      const repaired = g / Math.max(1 - predicted, 0.5);
      destination[index] = step > 0 ? now - step * repaired : repaired;
    }
  },

  adaptiveFisher(destination, gradient, newest, origin, meanSquare, decay, lambda, step) {
    for (let index = 0; index < gradient.length; index++) {
      const g = gradient[index] as number;
      const now = newest[index] as number;
      const square = decay * (meanSquare[index] as number) + (1 - decay) * g * g;
      meanSquare[index] = square;
      const strength = lambda / Math.sqrt(square + 1e-7);
      const factor = 1 + strength * g * (now - (origin[index] as number));
      const repaired = factor < 0 ? 0 : g * Math.min(factor, 2);
      destination[index] = step > 0 ? now - step * repaired : repaired;
    }
  },

  gapAware(destination, gradient, newest, origin, meanSquare, decay, scale, floor, step) {
    for (let index = 0; index < gradient.length; index++) {
      const g = gradient[index] as number;
      const now = newest[index] as number;
      const square = decay * (meanSquare[index] as number) + (1 - decay) * g * g;
      meanSquare[index] = square;
      const usual = scale * Math.sqrt(square) + floor;
      const repaired = g / (1 + Math.abs(now - (origin[index] as number)) / usual);
      destination[index] = step > 0 ? now - step * repaired : repaired;
    }
  },

  fisherCap(destination, gradient, newest, meanSquare, decay, strength, step) {
    for (let index = 0; index < gradient.length; index++) {
      const g = gradient[index] as number;
      const square = decay * (meanSquare[index] as number) + (1 - decay) * g * g;
      meanSquare[index] = square;
      const repaired = g / (1 + strength * square);
      destination[index] = step > 0 ? (newest[index] as number) - step * repaired : repaired;
    }
  },

  squaredNorm(gradient) {
    let sum = 0;
    for (let index = 0; index < gradient.length; index++)
      sum += (gradient[index] as number) * (gradient[index] as number);
    return sum;
  },

  changeProducts(gradient, newest, origin, sums) {
    let product = 0;
    let square = 0;
    for (let index = 0; index < gradient.length; index++) {
      const change = (newest[index] as number) - (origin[index] as number);
      product += (gradient[index] as number) * change;
      square += change * change;
    }
    sums[0] = product;
    sums[1] = square;
  },
});
