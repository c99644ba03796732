import type { CompensationContext } from "../contract.js";

/** What the tensor forms ask of a tensor type `T` of a library; `tf.Tensor` of tfjs has it. */
export interface Tensor<T> {
  readonly shape: readonly number[];
  add(other: T | number): T;
  sub(other: T | number): T;
  mul(other: T | number): T;
  div(other: T | number): T;
  maximum(other: T | number): T;
  minimum(other: T | number): T;
  clipByValue(least: number, most: number): T;
  abs(): T;
  sqrt(): T;
  square(): T;
  log(): T;
  exp(): T;
  /** 1 where an element is above 0, else 0. */
  step(): T;
  /** Over an axis, or over all elements. */
  sum(axis?: number, keepDimensions?: boolean): T;
  /** -1 stands for what is left of the elements. */
  reshape(shape: number[]): T;
  clone(): T;
  dispose(): void;
}

/** What they ask of the library: `import * as tf from "@tensorflow/tfjs"` is one. */
export interface TensorLibrary<T extends Tensor<T>> {
  tidy(work: () => T): T;
  keep(tensor: T): T;
  zerosLike(tensor: T): T;
  scalar(value: number): T;
}

/**
 * A compensator of tensors that stay where they are: nothing is read back, so nothing waits for a
 * GPU. For the same reason nothing looks whether gradients are finite.
 */
export interface TensorCompensator<T extends Tensor<T>> {
  readonly name: string;
  /**
   * The gradient at the newest version, a new tensor; `gradient` and `versions` stay the caller's.
   *
   * @param versions tensors of the gradient's shape: its own version first, the newest last.
   */
  update(gradient: T, versions: readonly T[], context: CompensationContext): T;
  /** Frees the state. */
  dispose(): void;
}
