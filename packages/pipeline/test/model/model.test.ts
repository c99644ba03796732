import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { initialise } from "../../src/model/initialise.js";
import { slide } from "../../src/model/shape.js";
import { parseModel } from "../../src/model/spec.js";
import { cutStages, savedBytes } from "../../src/model/stage.js";

const dense = (units: number, extra: object = {}) => ({
  class_name: "Dense",
  config: { units, ...extra },
});
const sequential = (...layers: unknown[]) => ({ class_name: "Sequential", config: { layers } });
const perceptron = sequential(
  dense(5, { activation: "relu", batch_input_shape: [null, 3] }),
  dense(2),
);

describe("parseModel", () => {
  it("binds shapes and counts parameters", () => {
    const model = parseModel(perceptron);
    expect(model.inputShape).toEqual([3]);
    expect(model.classes).toBe(2);
    expect(model.parameterCount).toBe(3 * 5 + 5 + 5 * 2 + 2);
    expect(model.layers.map((layer) => layer.operations)).toEqual([30, 20]);
  });

  it.each([
    ["class_name", { class_name: "Graph" }],
    ["layers", sequential()],
    ["batch_input_shape", sequential(dense(2))],
    ["units", sequential(dense(-1, { batch_input_shape: [null, 3] }))],
    ["activation", sequential(dense(2, { batch_input_shape: [null, 3], activation: "mish" }))],
    ["class_name", sequential({ class_name: "Dense2", config: { batch_input_shape: [null, 3] } })],
    ["Flatten", sequential(dense(2, { batch_input_shape: [null, 4, 4, 1] }))],
    [
      "dilation_rate",
      sequential({
        class_name: "Conv2D",
        config: {
          filters: 1,
          kernel_size: 3,
          dilation_rate: [2, 2],
          strides: 2,
          batch_input_shape: [null, 8, 8, 1],
        },
      }),
    ],
  ])("names what is wrong: %s", (field, specification) => {
    expect(() => parseModel(specification)).toThrow(InputError);
    expect(() => parseModel(specification)).toThrow(field);
  });
});

describe("slide", () => {
  it("pads as TensorFlow does", () => {
    expect(slide(28, 3, 1, "valid")).toEqual({ length: 26, before: 0, after: 0 });
    expect(slide(28, 3, 2, "same")).toEqual({ length: 14, before: 0, after: 1 });
    expect(slide(5, 3, 2, "same")).toEqual({ length: 3, before: 1, after: 1 });
    expect(slide(4, 2, 2, "same")).toEqual({ length: 2, before: 0, after: 0 });
  });
});

describe("stages", () => {
  it("cover the model and keep initial parameters wherever it is cut", () => {
    const model = parseModel(perceptron);
    const stages = cutStages(model, [0, 1]);
    expect(stages.map(({ parameterCount }) => parameterCount)).toEqual([20, 12]);
    expect(stages[0]?.outputShape).toEqual(stages[1]?.inputShape);
    expect(initialise(model, 7)).toEqual(initialise(model, 7));
    expect(initialise(model, 7)).not.toEqual(initialise(model, 8));
  });

  it("draw kernels within Glorot's bounds and leave biases at zero", () => {
    const parameters = initialise(parseModel(perceptron), 1);
    const limit = Math.sqrt(6 / 8);
    const kernel = parameters.subarray(0, 15);
    expect(Math.max(...kernel.map(Math.abs))).toBeLessThanOrEqual(limit);
    expect(Math.max(...kernel.map(Math.abs))).toBeGreaterThan(limit / 2);
    expect([...parameters.subarray(15, 20)]).toEqual([0, 0, 0, 0, 0]);
  });

  it("save an inner layer's output and a bit for each value of a last layer's", () => {
    const { layers } = parseModel(perceptron);
    expect(savedBytes(layers, 16)).toBe(4 * 16 * 5);
    expect(savedBytes(layers.slice(0, 1), 16)).toBe(64);
  });
});
