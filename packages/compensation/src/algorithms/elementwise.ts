import type { CompensationContext, Compensator } from "../contract.js";

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
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    state: MeanSquareState,
    count: number,
    context: CompensationContext,
    step: number,
  ): void;
}

/**
 * A compensator from a kernel that works element by element and can make the step as well. Fresh
 * gradients pass through it too, unchanged: the average should know them.
 */
export function elementwise({ name, averages, repair }: Elementwise): Compensator<MeanSquareState> {
  function run(
    destination: Float32Array,
    gradient: Float32Array,
    versions: readonly Float32Array[],
    state: MeanSquareState,
    context: CompensationContext,
    step: number,
  ): void {
    const newest = versions[versions.length - 1] as Float32Array;
    const origin = versions[0] as Float32Array;
    const count = (state.numbers[0] as number) + 1;
    state.numbers[0] = count;
    repair(destination, gradient, newest, origin, state, count, context, step);
  }
  return {
    name,
    staysFinite: true,
    stateVectors: averages ? 1 : 0,
    init: (
      parameterCount,
      allocate = (length) => new Float32Array(length),
      numbers = (count) => new Float64Array(count),
    ) => ({
      meanSquare: averages ? allocate(parameterCount) : new Float32Array(0),
      numbers: numbers(1),
    }),
    update(gradient, versions, state, context) {
      run(gradient, gradient, versions, state, context, 0);
    },
    step(destination, gradient, versions, state, context) {
      run(destination, gradient, versions, state, context, context.learningRate);
    },
  };
}
