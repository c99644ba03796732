import { declare } from "./declare.js";
import { number, read, written } from "./parameters.js";

/**
 * What a penalty on the parameters needs that holds each of them by its importance, such as that of
 * memory aware synapses. Both compute in double precision and round once, so that every
 * implementation gives the same bits.
 */
export interface PenaltyKernels {
  /**
   * A running mean of magnitudes, element by element: `average += rate (|gradient| - average)`.
   */
  magnitudeAverage(average: Float32Array, gradient: Float32Array, rate: number): void;

  /**
   * A pull towards an anchor, element by element:
   * `gradient += min(factor stiffness, most) (parameters - anchor)`.
   */
  pull(
    gradient: Float32Array,
    parameters: Float32Array,
    anchor: Float32Array,
    stiffness: Float32Array,
    factor: number,
    most: number,
  ): void;
}

export const penaltyKernels = declare<PenaltyKernels>(
  {
    magnitudeAverage: [written("average"), read("gradient"), number("rate")],
    pull: [
      written("gradient"),
      read("parameters"),
      read("anchor"),
      read("stiffness"),
      number("factor"),
      number("most"),
    ],
  },
  {
    magnitudeAverage(average, gradient, rate) {
      for (let index = 0; index < average.length; index++) {
        const before = average[index] as number;
        average[index] = before + rate * (Math.abs(gradient[index] as number) - before);
      }
    },

    pull(gradient, parameters, anchor, stiffness, factor, most) {
      for (let index = 0; index < gradient.length; index++) {
        const held = Math.min(factor * (stiffness[index] as number), most);
        const away = (parameters[index] as number) - (anchor[index] as number);
        gradient[index] = (gradient[index] as number) + held * away;
      }
    },
  },
);
