import type { Compensator, LateGradient } from "../contract.js";
import { filled } from "../parameters.js";
import type { TensorCall } from "../tensor/call.js";
import type { Tensor } from "../tensor/contract.js";

/** State of the methods that keep a moving average of the squared gradient. */
export interface MeanSquareState {
  readonly meanSquare: Float32Array;
  /** Gradients taken into the average. */
  readonly numbers: Float64Array;
}

export interface Elementwise {
  readonly name: string;
  /** Whether it keeps an average of squares; without one `state` has an empty vector. */
  readonly averages: boolean;
  /**
   * Repairs `gradient`: into `destination` where `step` is 0, else newest - step * repaired.
   * @param count gradients in the average, this one included.
   */
  repair(
    destination: Float32Array,
    late: LateGradient<MeanSquareState>,
    newest: Float32Array,
    count: number,
    step: number,
  ): void;
}

/**
 * A compensator from a kernel that works element by element and can make the step as well. Fresh
 * gradients pass through it too, unchanged: the average should know them.
 */
export function elementwise({ name, averages, repair }: Elementwise): Compensator<MeanSquareState> {
  function run(destination: Float32Array, late: LateGradient<MeanSquareState>, step: number): void {
    const { versions, state } = late;
    const newest = versions[versions.length - 1] as Float32Array;
    const count = (state.numbers[0] as number) + 1;
    state.numbers[0] = count;
    repair(destination, late, newest, count, step);
  }
  return {
    name,
    staysFinite: true,
    stateVectors: averages ? 1 : 0,
    init(parameters) {
      const { parameterCount, allocate, numbers } = filled(parameters);
      return {
        meanSquare: averages ? allocate(parameterCount) : new Float32Array(0),
        numbers: numbers(1),
      };
    },
    update(late) {
      run(late.gradient, late, 0);
      return late.gradient;
    },
    step(late) {
      run(late.destination, late, late.learningRate);
    },
  };
}

/** m = decay m + (1 - decay) g^2, kept. */
export function meanSquare<T extends Tensor<T>>(
  { gradient, get, set }: TensorCall<T>,
  decay: number,
): T {
  const before = get("meanSquare", "zeros");
  return set("meanSquare", before.mul(decay).add(gradient.square().mul(1 - decay)));
}
