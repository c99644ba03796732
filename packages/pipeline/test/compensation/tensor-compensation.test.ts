import { createCompensator, InputError, tensorCompensatorNames } from "@ferret-ocl/compensation";
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
      const state = arrays.init({ parameterCount: length });
      const tensors = createCompensator<tf.Tensor>(name, {}, tf);
      const ofTensors = tensors.init({ shape: [length] });
      const before = tf.memory().numTensors;
      for (let step = 0; step < 6; step++) {
        const versions = [0, 1, 2].map((version) => vector(100 + 10 * step + version));
        const gradient = vector(step);
        const context = { staleness: 2, learningRate: 0.05 };
        const given = [gradient, ...versions].map((values) => tf.tensor1d(values.slice()));
        const [first, ...rest] = given as [tf.Tensor1D, ...tf.Tensor1D[]];
        arrays.update({ gradient, versions, state, ...context });
        const late = { gradient: first, versions: rest, state: ofTensors, ...context };
        const repaired = tensors.update(late);
        const values = repaired.dataSync();
        values.forEach((value, index) => {
          expect(value).toBeCloseTo(gradient[index] as number, 5);
        });
        tf.dispose([repaired, ...given]);
      }
      tensors.dispose(ofTensors);
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
      const compensator = createCompensator("drift-aware", options);
      let detector = new Float64Array();
      const state = compensator.init({
        parameterCount: length,
        numbers(count) {
          const numbers = new Float64Array(count);
          // The five of the Page-Hinkley test.
          if (count === 5) detector = numbers;
          return numbers;
        },
      });
      const forms = ["drift-aware", "iter-fisher"].map((name) => {
        const form = createCompensator<tf.Tensor>(name, options, tf);
        return { form, state: form.init({ shape: [length] }) };
      });
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
        compensator.update({ gradient, versions, state, ...context });
        if (detector[0] === 0) forgotten++;
        const [repaired, unwatched] = [drift, plain].map((each) =>
          each.form.update({ gradient: first, versions: rest, state: each.state, ...context }),
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
      for (const each of forms) each.form.dispose(each.state);
    },
  );

  it("says which methods there are", () => {
    const refuse = (name: string, options = {}) =>
      expect(() => createCompensator<tf.Tensor>(name, options, tf));
    refuse("newest").toThrow('for compensation but received "newest"');
    refuse("rank-one").toThrow('secant for compensation of tensors but received "rank-one"');
    refuse("fisher", { lambda: -1 }).toThrow("lambda");
  });

  it("refuses by name what an update cannot work with, and changes nothing", () => {
    const compensator = createCompensator<tf.Tensor>("fisher-cap", {}, tf);
    const state = compensator.init({ shape: [2] });
    const [two, three] = [tf.tensor1d([1, 2]), tf.tensor1d([1, 2, 3])];
    const late = { gradient: two, versions: [two, two], state, staleness: 1, learningRate: 0.1 };
    const other = createCompensator<tf.Tensor>("fisher", {}, tf).init({ shape: [2] });
    const before = tf.memory().numTensors;
    for (const [name, change] of [
      ["gradient", { gradient: three }],
      ["gradient", { gradient: undefined }],
      ["versions", { versions: [] }],
      ["versions[1]", { versions: [two, three] }],
      ["state", { state: other }],
      ["staleness", { staleness: Number.NaN }],
      ["learningRate", { learningRate: -1 }],
      ["pending", { pending: -1 }],
    ] as const) {
      const update = () => compensator.update({ ...late, ...change } as typeof late);
      expect(update).toThrow(InputError);
      expect(update).toThrow(` for ${name} but received `);
    }
    expect(() => compensator.init({ shape: [1.5] })).toThrow("for shape[0] but received 1.5");
    expect(tf.memory().numTensors).toBe(before);
    const fresh = compensator.init({ shape: [2] });
    const [first, again] = [state, fresh].map((each) =>
      compensator.update({ ...late, state: each }).dataSync(),
    );
    expect(first).toEqual(again);
  });
});
