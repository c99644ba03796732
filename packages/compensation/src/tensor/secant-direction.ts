import { turn } from "../algorithms/direction.js";
import { matrixOf } from "../parameters.js";
import type { TensorCall } from "./call.js";
import type { Tensor } from "./contract.js";
import { quotient } from "./quotient.js";

/** A tensor of parameters as `secant` takes it. */
export interface SecantShape<T> {
  /** Of a matrix, else 0. */
  readonly rows: number;
  /** The `Direction` of a matrix: [rows, 1], or at first the number that all rows have. */
  readonly direction?: T;
  /** Gives a tensor the shape of the matrix; what is none stays as it is. */
  shaped(tensor: T): T;
}

/**
 * A tensor of two dimensions or more is a matrix, its last dimension the columns: the kernel of a
 * dense or convolutional layer, one column an output. Other tensors have no shape. So the bias of a
 * layer, which `secant` on arrays takes for one more row of the kernel, is a block of its own here.
 */
export function secantShape<T extends Tensor<T>>({ gradient, get }: TensorCall<T>): SecantShape<T> {
  const { shape } = gradient;
  const matrix = matrixOf(shape);
  if (!matrix) return { rows: 0, shaped: (tensor) => tensor };
  const { rows, columns } = matrix;
  return {
    rows,
    direction: get("direction", 1 / Math.sqrt(rows)),
    shaped: (tensor) => tensor.reshape([rows, columns]),
  };
}

/**
 * Turns the direction towards the gradient's.
 *
 * @param along projection of the gradient along the direction.
 */
export function followDirection<T extends Tensor<T>>(
  { set, tidy }: TensorCall<T>,
  direction: T,
  gradient: T,
  along: T,
): void {
  const turned = tidy(() => {
    // Of length 1 before it is multiplied again: float32 has no fourth powers of small numbers.
    const next = gradient.mul(unit(along)).sum(1, true);
    return unit(direction.mul(1 - turn).add(unit(next).mul(turn)));
  });
  set("direction", turned);
}

/** Of length 1, or zeros where it is zeros. */
const unit = <T extends Tensor<T>>(tensor: T): T => quotient(tensor, tensor.square().sum().sqrt());
