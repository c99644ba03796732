import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import {
  type Admission,
  createOneStageLearner,
  type LearningAlgorithm,
  Ledger,
} from "../../src/engine.js";
import { parseModel, profileModel } from "../../src/index.js";
import { createCrossEntropy } from "../cross-entropy.mjs";
import { runtime } from "../perceptron.js";

// What the tests of learners of one stage learn with: one dense layer of 2 inputs and 3 classes.

export const inputLength = 2;
export const classes = 3;

export const model = parseModel({
  class_name: "Sequential",
  config: {
    layers: [
      {
        class_name: "Dense",
        config: { units: classes, batch_input_shape: [null, inputLength] },
      },
    ],
  },
});

/** Cross entropy of so many samples at the most. */
export const crossEntropy = (samples: number) =>
  createCrossEntropy("learn", { batch: samples, classes });

/** A profile of items of so many samples, so many of which are learned at once. */
export const profileOf = (batch: number, learnBatch = batch) =>
  profileModel({ model, runtime, batch, learnBatch, timing: "model" });

/**
 * A learner of items of so many samples, one of which comes every millisecond.
 * @param times milliseconds that learning 1, 2, .. items takes.
 */
export function createLearner(
  admission: Admission,
  algorithm: LearningAlgorithm,
  { batch, times }: { readonly batch: number; readonly times: readonly number[] },
) {
  const ledger = new Ledger(null);
  return createOneStageLearner({
    model,
    profile: profileOf(batch, algorithm.learnBatch),
    runtime,
    kernels: referenceKernels,
    ledger,
    algorithm,
    admission,
    learnTimes: times.map((both) => ({ forward: both / 4, both })),
    compensator: createCompensator("none", {}, referenceKernels),
    learningRate: 0.5,
    seed: 3,
    arrivalInterval: 1,
  });
}

/** One sample an item, which bears the item's number. */
export const numbered = (item: number) => ({
  x: Float32Array.of(item, 1),
  labels: Int32Array.of(item % classes),
  size: 1,
});

/** A generator of whole numbers below a limit. */
export function lottery(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
