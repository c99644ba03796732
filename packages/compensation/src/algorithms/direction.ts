import type { SecantKernels } from "../kernels/secant.js";

/** Share of the way to a gradient's own direction that the direction goes. */
export const turn = 0.6;

/**
 * The direction of a matrix along which its gradients agree: a gradient is a sum of products of
 * activations and errors, so the mean activation is about its leading left singular vector, which
 * Oja's rule follows from one gradient to the next.
 */
export class Direction {
  /** Of length 1; empty where the block is no matrix. */
  readonly values: Float64Array;
  readonly #next: Float64Array;
  readonly #kernels: SecantKernels;

  /** @param values a number a row, kept; zeros at first. */
  constructor(values: Float64Array, kernels: SecantKernels) {
    this.values = values;
    this.#next = new Float64Array(values.length);
    this.#kernels = kernels;
  }

  /** Gives a direction that is still zero one. */
  start(): void {
    const { values } = this;
    if (values.every((value) => value === 0)) values.fill(1 / Math.sqrt(values.length));
  }

  /** @param projection of the gradient along the direction, a number a column. */
  follow(gradient: Float32Array, projection: Float64Array): void {
    // A block that is no matrix has as many rows as columns: none.
    if (this.values.length > 0) this.#kernels.projectColumns(gradient, projection, this.#next);
  }

  /** Turns towards what it followed last. */
  turn(): void {
    const next = this.#next;
    const { values } = this;
    const length = norm(next);
    if (!(length > 0)) return;
    for (let row = 0; row < values.length; row++)
      next[row] = (1 - turn) * (values[row] as number) + (turn * (next[row] as number)) / length;
    const scale = 1 / norm(next);
    for (let row = 0; row < values.length; row++) values[row] = scale * (next[row] as number);
  }
}

function norm(vector: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < vector.length; index++)
    sum += (vector[index] as number) * (vector[index] as number);
  return Math.sqrt(sum);
}
