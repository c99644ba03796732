import type { SequentialSpecification } from "@ferret-ocl/pipeline";

/** A model for samples of a shape and a number of classes, as a Keras specification. */
export type ModelBuilder = (
  inputShape: readonly number[],
  classes: number,
) => SequentialSpecification;

/** Number of values of one sample. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
