import { Random } from "../src/index.js";
import { ToyModel } from "../src/testing.js";

export const toyShape = { inputLength: 3, hidden: 6, classes: 4 };

export function toyModel(seed = 3): ToyModel {
  return new ToyModel(toyShape, seed);
}

/** What an algorithm is told of the toy model and of items of `batch` samples. */
export function shapeFor(batch: number) {
  const { inputLength, classes } = toyShape;
  return { batch, inputLength, classes, parameterCount: toyModel().parameters.length };
}

/** Numbers in [-2, 2), the same for the same seed. */
export function numbers(length: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => random.below(4000) / 1000 - 2);
}

export function itemOf(size: number, seed: number) {
  const random = new Random(seed + 1000);
  return {
    x: numbers(size * toyShape.inputLength, seed),
    labels: Int32Array.from({ length: size }, () => random.below(toyShape.classes)),
    size,
  };
}

export function roomFor(learnBatch: number, targetLength = 0) {
  return {
    x: new Float32Array(learnBatch * toyShape.inputLength),
    labels: new Int32Array(learnBatch),
    targets: new Float32Array(learnBatch * targetLength),
    size: 0,
  };
}
