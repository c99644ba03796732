import { describe, expect, it } from "vitest";
import { type Model, parseModel } from "../../src/index.js";
import { fans } from "../../src/model/initial.js";
import { initialise } from "../../src/model/initialise.js";

/** One layer of 150 x 80 or of 3 x 3 x 20 x 60 weights. */
const dense = (config: object): Model =>
  parseModel({
    class_name: "Sequential",
    config: {
      layers: [
        {
          class_name: "Dense",
          config: { name: "it", units: 80, batch_input_shape: [null, 150], ...config },
        },
      ],
    },
  });
const convolution = (config: object): Model =>
  parseModel({
    class_name: "Sequential",
    config: {
      layers: [
        {
          class_name: "Conv2D",
          config: {
            name: "it",
            filters: 60,
            kernel_size: 3,
            batch_input_shape: [null, 3, 3, 20],
            ...config,
          },
        },
        { class_name: "Flatten", config: {} },
      ],
    },
  });

function moments(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variance, most: Math.max(...values.map(Math.abs)) };
}

const named = (class_name: string, config: object = {}) => ({ class_name, config });

/** Variance of a standard normal distribution that is cut off at -2 and 2: 1 - 4 phi(2) / P. */
const cutVariance = 0.7737413035499232;
const [denseIn, denseOut, convIn, convOut] = [150, 80, 180, 540];

describe("initialisers", () => {
  // As their papers and Keras' documentation have them: variance, and the most that may come.
  it.each<[string, unknown, (i: number, o: number) => number, number | null]>([
    ["GlorotUniform", "glorot_uniform", (i, o) => 2 / (i + o), Math.sqrt(3)],
    ["GlorotNormal", named("GlorotNormal", { seed: 4 }), (i, o) => 2 / (i + o), 2 / 0.8796],
    ["HeUniform", "HeUniform", (i) => 2 / i, Math.sqrt(3)],
    ["HeNormal", "he_normal", (i) => 2 / i, 2 / 0.8796],
    ["LecunUniform", named("LecunUniform", { seed: null }), (i) => 1 / i, Math.sqrt(3)],
    ["LecunNormal", "lecun_normal", (i) => 1 / i, 2 / 0.8796],
    [
      "VarianceScaling",
      named("VarianceScaling", { scale: 3, mode: "fan_out", distribution: "untruncated_normal" }),
      (_, o) => 3 / o,
      null,
    ],
    [
      "VarianceScaling of tfjs",
      named("VarianceScaling", { scale: 1, mode: "fanAvg", distribution: "normal", seed: null }),
      (i, o) => 2 / (i + o),
      2 / 0.8796,
    ],
  ])("%s draws with its variance", (_, initializer, variance, most) => {
    for (const [model, length, fanIn, fanOut] of [
      [dense({ kernel_initializer: initializer }), 150 * 80, denseIn, denseOut],
      [convolution({ kernel_initializer: initializer }), 9 * 20 * 60, convIn, convOut],
    ] as const) {
      const drawn = moments(initialise(model, 5).subarray(0, length));
      const wanted = variance(fanIn, fanOut);
      // 5 % of a variance over 10,800 values or more is over 3.5 standard errors of a normal one's.
      expect(drawn.variance / wanted).toBeGreaterThan(0.95);
      expect(drawn.variance / wanted).toBeLessThan(1.05);
      expect(Math.abs(drawn.mean)).toBeLessThan(4 * Math.sqrt(wanted / length));
      if (most !== null) expect(drawn.most).toBeLessThan(1.001 * most * Math.sqrt(wanted));
      expect(drawn.most).toBeGreaterThan(1.6 * Math.sqrt(wanted));
    }
  });

  it.each<[string, unknown, number, number]>([
    ["RandomNormal", named("RandomNormal", { mean: 0.5, stddev: 0.2 }), 0.5, 0.04],
    ["RandomUniform", named("RandomUniform", { minval: -1, maxval: 3 }), 1, 16 / 12],
    ["TruncatedNormal", named("TruncatedNormal", { mean: -2, stddev: 3 }), -2, 9 * cutVariance],
    ["random_normal", "random_normal", 0, 0.05 ** 2],
    ["uniform", "uniform", 0, 0.1 ** 2 / 12],
  ])("%s draws around its mean", (_, initializer, mean, variance) => {
    const drawn = moments(
      initialise(dense({ kernel_initializer: initializer }), 8).subarray(0, 12000),
    );
    expect(Math.abs(drawn.mean - mean)).toBeLessThan(4 * Math.sqrt(variance / 12000));
    expect(drawn.variance / variance).toBeGreaterThan(0.95);
    expect(drawn.variance / variance).toBeLessThan(1.05);
  });

  it("reach biases, depthwise kernels and normalisations", () => {
    const model = parseModel({
      class_name: "Sequential",
      config: {
        layers: [
          {
            class_name: "DepthwiseConv2D",
            config: {
              kernel_size: 1,
              batch_input_shape: [null, 2, 2, 2],
              depthwise_initializer: "ones",
              bias_initializer: named("Constant", { value: 0.25 }),
            },
          },
          {
            class_name: "BatchNormalization",
            config: {
              gamma_initializer: named("Constant", { value: 2 }),
              beta_initializer: named("Constant", { value: 3 }),
              moving_mean_initializer: named("Constant", { value: 4 }),
              moving_variance_initializer: named("Constant", { value: 5 }),
            },
          },
          { class_name: "Flatten", config: {} },
        ],
      },
    });
    const pairs = [1, 0.25, 2, 3, 4, 5].flatMap((value) => [value, value]);
    expect([...initialise(model, 0)]).toEqual(pairs);
    expect([...initialise(dense({ kernel_initializer: "zeros" }), 0)].every((v) => v === 0)).toBe(
      true,
    );
  });

  it("count fans as Keras does", () => {
    expect(fans([150, 80])).toEqual({ fanIn: 150, fanOut: 80 });
    expect(fans([3, 3, 20, 60])).toEqual({ fanIn: 180, fanOut: 540 });
    expect(fans([5])).toEqual({ fanIn: 5, fanOut: 5 });
  });

  it.each([
    [named("RandomNormal", { stddev: -1 }), "stddev"],
    [named("RandomUniform", { minval: 2, maxval: 1 }), "maxval"],
    [named("Constant", { value: 1e39 }), "value"],
    [named("Constant", { value: [1, 2] }), "value"],
    [named("VarianceScaling", { scale: 0 }), "scale"],
    [named("VarianceScaling", { mode: "fan" }), "mode"],
    [named("VarianceScaling", { distribution: "cauchy" }), "distribution"],
    [named("HeNormal", { gain: 2 }), "gain"],
    ["my_initializer", "my_initializer"],
  ])("are refused where malformed: %j", (initializer, word) => {
    expect(() => dense({ kernel_initializer: initializer })).toThrow(word);
    expect(() => dense({ bias_initializer: initializer })).toThrow("bias_initializer");
  });

  it("that are unknown cannot be drawn later either", () => {
    const specification = {
      class_name: "Sequential",
      config: {
        layers: [
          {
            class_name: "Dense",
            config: {
              name: "it",
              units: 1,
              batch_input_shape: [null, 2],
              kernel_initializer: "Orthogonal",
            },
          },
        ],
      },
    };
    const model = parseModel(specification, { parameters: "given" });
    expect(() => initialise(model, 1)).toThrow("Expected values for it/kernel from a file");
  });
});
