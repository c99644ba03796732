import { declare } from "./declare.js";
import { number, read, written } from "./parameters.js";

export interface FisherCapKernel {
  /** `m = decay m + (1 - decay) g g`, then `g / (1 + strength m)`. */
  fisherCap(
    destination: Float32Array,
    gradient: Float32Array,
    newest: Float32Array,
    meanSquare: Float32Array,
    decay: number,
    strength: number,
    step: number,
  ): void;
}

export const fisherCapKernel = declare<FisherCapKernel>(
  {
    fisherCap: [
      written("destination"),
      read("gradient"),
      read("newest"),
      written("meanSquare"),
      number("decay"),
      number("strength"),
      number("step"),
    ],
  },
  {
    fisherCap(destination, gradient, newest, meanSquare, decay, strength, step) {
      for (let index = 0; index < gradient.length; index++) {
        const g = gradient[index] as number;
        const square = decay * (meanSquare[index] as number) + (1 - decay) * g * g;
        meanSquare[index] = square;
        const repaired = g / (1 + strength * square);
        destination[index] = step > 0 ? (newest[index] as number) - step * repaired : repaired;
      }
    },
  },
  { repaired: (g, _, m, strength) => g / (1 + strength * m) },
);
