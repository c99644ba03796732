import { declare } from "./declare.js";
import { changing, number, written } from "./parameters.js";

export interface AdaptiveFisherKernel {
  /** `m = decay m + (1 - decay) g g`, then `g clamp(1 + lambda / sqrt(m + 1e-7) g d, 0, 2)`. */
  adaptiveFisher(
    destination: Float32Array,
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    meanSquare: Float32Array,
    decay: number,
    lambda: number,
    step: number,
  ): void;
}

export const adaptiveFisherKernel = declare<AdaptiveFisherKernel>(
  {
    adaptiveFisher: [
      written("destination"),
      ...changing,
      written("meanSquare"),
      number("decay"),
      number("lambda"),
      number("step"),
    ],
  },
  {
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
  },
  {
    repaired: (g, d, m, lambda) =>
      g * Math.min(2, Math.max(0, 1 + (lambda / Math.sqrt(m + 1e-7)) * g * d)),
  },
);
