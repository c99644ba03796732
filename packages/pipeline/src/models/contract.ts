import type { ModelSpecification } from "../model/spec.js";

/** A model for samples of a shape and a number of classes, as a Keras specification. */
export type ModelBuilder = (inputShape: readonly number[], classes: number) => ModelSpecification;

/** Number of values of one sample. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Images up to this height and width keep their size in a model's first convolution. */
const smallImage = 64;

/** Whether a first convolution with stride would leave too little of such images. */
export function isSmallImage([height = 0, width = 0]: readonly number[]): boolean {
  return Math.max(height, width) <= smallImage;
}
