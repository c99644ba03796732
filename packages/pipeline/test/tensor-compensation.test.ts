import {
  createCompensator,
  createTensorCompensator,
  tensorCompensatorNames,
} from "@ferret-ocl/compensation";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";

const length = 33;

/** Repeatable numbers in [-1, 1). */
function vector(seed: number): Float32Array {
  let state = (seed + 1) * 7919;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

describe("compensators of tfjs tensors", () => {
  beforeAll(() => tf.setBackend("cpu"));

  it.each(tensorCompensatorNames)(
    "%s equals its form on arrays and keeps no other tensor",
    (name) => {
      const arrays = createCompensator(name);
      const state = arrays.init(length);
      const tensors = createTensorCompensator<tf.Tensor>(tf, name);
      const before = tf.memory().numTensors;
      for (let step = 0; step < 6; step++) {
        const versions = [0, 1, 2].map((version) => vector(100 + 10 * step + version));
        const gradient = vector(step);
        const context = { staleness: 2, learningRate: 0.05 };
        const given = [gradient, ...versions].map((values) => tf.tensor1d(values.slice()));
        const [first, ...rest] = given as [tf.Tensor1D, ...tf.Tensor1D[]];
        arrays.update(gradient, versions, state, context);
        const repaired = tensors.update(first, rest, context);
        const values = repaired.dataSync();
        values.forEach((value, index) => {
          expect(value).toBeCloseTo(gradient[index] as number, 5);
        });
        tf.dispose([repaired, ...given]);
      }
      tensors.dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it("says which methods there are", () => {
    expect(() => createTensorCompensator<tf.Tensor>(tf, "auto")).toThrow(
      'block-fisher for compensation of tensors but received "auto"',
    );
    expect(() => createTensorCompensator<tf.Tensor>(tf, "fisher", { lambda: -1 })).toThrow(
      "lambda",
    );
  });
});
