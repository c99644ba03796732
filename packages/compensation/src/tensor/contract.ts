import type { LateGradient, ParameterShape } from "../contract.js";

/** What the tensor forms ask of a tensor type `T` of a library; `tf.Tensor` of tfjs has it. */
export interface Tensor<T> {
  readonly shape: readonly number[];
  /** Sum, element by element; all results are new tensors. */
  add(other: T | number): T;
  /** Difference. */
  sub(other: T | number): T;
  /** Product, element by element. */
  mul(other: T | number): T;
  /** Quotient, element by element. */
  div(other: T | number): T;
  /** The larger of two elements. */
  maximum(other: T | number): T;
  /** The smaller of two elements. */
  minimum(other: T | number): T;
  /** Each element, but at least `least` and at most `most`. */
  clipByValue(least: number, most: number): T;
  /** Absolute values. */
  abs(): T;
  /** Square roots. */
  sqrt(): T;
  /** Squares. */
  square(): T;
  /** Natural logarithms. */
  log(): T;
  /** Powers of e. */
  exp(): T;
  /** 1 where an element is above 0, else 0. */
  step(): T;
  /** Over an axis, or over all elements. */
  sum(axis?: number, keepDimensions?: boolean): T;
  /** -1 stands for what is left of the elements. */
  reshape(shape: number[]): T;
  /** The same elements in a tensor of its own. */
  clone(): T;
  /** Frees it. */
  dispose(): void;
}

/** What they ask of the library: `import * as tf from "@tensorflow/tfjs"` is one. */
export interface TensorLibrary<T extends Tensor<T>> {
  /** Frees all tensors that `work` made but the one that it returns. */
  tidy(work: () => T): T;
  /** Saves a tensor from the `tidy` around it. */
  keep(tensor: T): T;
  /** Zeros of the same shape. */
  zerosLike(tensor: T): T;
  /** A tensor of one number. */
  scalar(value: number): T;
}

/**
 * A compensator of tensors that stay where they are: nothing is read back, so nothing waits for a
 * GPU. For the same reason nothing looks whether gradients are finite.
 */
export interface TensorCompensator<T extends Tensor<T>> {
  readonly name: string;
  /** State for one tensor of parameters; its own tensors are made with the first gradient. */
  init(parameters: Pick<ParameterShape, "shape">): unknown;
  /**
   * Gives the gradient at the newest version, a new tensor. What it is called with stays the
   * caller's.
   */
  update(late: LateGradient<unknown, T>): T;
  /** Frees what a state keeps, which begins anew with the next gradient. */
  dispose(state: unknown): void;
}
