import {
  createCompensator,
  createTensorCompensator,
  driftAware,
  referenceKernels,
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

  it.each([
    [0.3, 45],
    [4, 31],
    [30, 50],
    [300, 70],
  ])(
    "drift-aware forgets as its form on arrays does, norms times %d from step %i on",
    (jump, at) => {
      const options = { lambdaRate: 0.2, emaDecay: 0.5 };
      const compensator = driftAware(referenceKernels, options);
      const state = compensator.init(length);
      const forms = ["drift-aware", "iter-fisher"].map((name) =>
        createTensorCompensator<tf.Tensor>(tf, name, options),
      );
      const [drift, plain] = forms as [(typeof forms)[0], (typeof forms)[0]];
      const context = { staleness: 1, learningRate: 0.05 };
      let forgotten = 0;
      let apart = 0;
      for (let step = 0; step < 90; step++) {
        const scale = (1 + 0.2 * Math.sin(7 * step)) * (step < at ? 1 : jump);
        const gradient = vector(step).map((value) => scale * value);
        const versions = [vector(200 + step), vector(300 + step)];
        const given = [gradient, ...versions].map((values) => tf.tensor1d(values.slice()));
        const [first, ...rest] = given as [tf.Tensor1D, ...tf.Tensor1D[]];
        compensator.update(gradient, versions, state, context);
        if (state.detector[0] === 0) forgotten++;
        const [repaired, unwatched] = [drift, plain].map((form) =>
          form.update(first, rest, context),
        );
        const values = (repaired as tf.Tensor).dataSync();
        values.forEach((value, index) => {
          expect(value / scale).toBeCloseTo((gradient[index] as number) / scale, 4);
        });
        const others = (unwatched as tf.Tensor).dataSync();
        apart = Math.max(apart, ...values.map((value, index) => Math.abs(value - others[index]!)));
        tf.dispose([repaired as tf.Tensor, unwatched as tf.Tensor, ...given]);
      }
      expect(forgotten).toBe(jump > 1 ? 1 : 0);
      // Only what was forgotten tells it from iter-fisher.
      expect(apart > 1e-3).toBe(jump > 1);
      for (const form of forms) form.dispose();
    },
  );

  it("says which methods there are", () => {
    expect(() => createTensorCompensator<tf.Tensor>(tf, "newest")).toThrow(
      'secant for compensation of tensors but received "newest"',
    );
    expect(() => createTensorCompensator<tf.Tensor>(tf, "fisher", { lambda: -1 })).toThrow(
      "lambda",
    );
  });
});
