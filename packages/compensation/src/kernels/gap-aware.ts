import { declare } from "./declare.js";
import { changing, number, written } from "./parameters.js";

export interface GapAwareKernel {
  /** `m = decay m + (1 - decay) g g`, then `g / (1 + |d| / (scale sqrt(m) + floor))`, floor > 0. */
  gapAware(
    destination: Float32Array,
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    meanSquare: Float32Array,
    decay: number,
    scale: number,
    floor: number,
    step: number,
  ): void;
}

export const gapAwareKernel = declare<GapAwareKernel>(
  {
    gapAware: [
      written("destination"),
      ...changing,
      written("meanSquare"),
      number("decay"),
      number("scale"),
      number("floor"),
      number("step"),
    ],
  },
  {
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
  },
  {
    repaired: (g, d, m, scale) => g / (1 + Math.abs(d) / (scale * Math.sqrt(m) + 1e-3)),
    numbers: (scale) => [scale, 1e-3],
  },
);
