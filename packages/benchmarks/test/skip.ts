import { createCompensator } from "@ferret-ocl/compensation";
import { type AlgorithmOptions, createAlgorithm } from "@ferret-ocl/ocl-algorithms";
import { type LearningAlgorithm, Ledger, parseModel } from "@ferret-ocl/pipeline";
import { loadMachinery } from "../src/machinery.js";
import type { BSkipOptions } from "../src/methods/b-skip.js";

// What the tests of the batch skips learn with: one dense layer of 2 inputs and 3 classes.

const { runtime, kernels } = await loadMachinery();
const inputLength = 2;
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

export function vanilla(samples: number, options: Partial<AlgorithmOptions> = {}) {
  const shape = { batch: samples, inputLength, classes, parameterCount: model.parameterCount };
  return createAlgorithm("vanilla", shape, { seed: 0, ...options });
}

/** Everything but sizes, times and choice. */
export function common(algorithm: LearningAlgorithm, batch: number) {
  return {
    model,
    runtime,
    kernels,
    ledger: new Ledger(null),
    algorithm,
    compensator: createCompensator("none", {}, kernels),
    learningRate: 0.5,
    seed: 3,
    batch,
    inputLength,
    arrivalInterval: 1,
  } satisfies Partial<BSkipOptions>;
}

/** One sample an item, which bears the item's number. */
export const numbered = (item: number) => ({
  x: Float32Array.of(item, 1),
  labels: Int32Array.of(item % classes),
  size: 1,
});
