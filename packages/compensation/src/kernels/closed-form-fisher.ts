import { declare } from "./declare.js";
import { changing, number, written } from "./parameters.js";

export interface ClosedFormFisherKernel {
  /** `g / max(1 - lambda g d, 1/2)` */
  closedFormFisher(
    destination: Float32Array,
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    lambda: number,
    step: number,
  ): void;
}

export const closedFormFisherKernel = declare<ClosedFormFisherKernel>(
  {
    closedFormFisher: [written("destination"), ...changing, number("lambda"), number("step")],
  },
  {
    closedFormFisher(destination, gradient, newest, origin, lambda, step) {
      for (let index = 0; index < gradient.length; index++) {
        const g = gradient[index] as number;
        const now = newest[index] as number;
        const predicted = lambda * g * (now - (origin[index] as number));
        const repaired = g / Math.max(1 - predicted, 0.5);
        destination[index] = step > 0 ? now - step * repaired : repaired;
      }
    },
  },
  { repaired: (g, d, _, lambda) => g / Math.max(0.5, 1 - lambda * g * d) },
);
