import { describe, expect, it } from "vitest";
import { InputError, parseModel } from "../../src/index.js";
import { layerKindNames } from "../../src/model/layers/registry.js";

type Config = Record<string, unknown>;

/** A model that has the layer in its middle, with whatever it needs around it. */
function withLayer(className: string, config: Config): unknown {
  const image = { name: "input", batch_input_shape: [null, 6, 6, 2] };
  const isFlat = className === "Dense";
  const after = ["Flatten", "GlobalAveragePooling2D", "Dense"].includes(className);
  const layer = (class_name: string, rest: Config = {}) => ({ class_name, config: rest });
  return {
    class_name: "Sequential",
    config: {
      layers: [
        layer("InputLayer", image),
        ...(isFlat ? [layer("Flatten", { name: "before" })] : []),
        layer(className, { name: "it", ...config }),
        ...(className === "ZeroPadding2D" ? [layer("Conv2D", { filters: 1, kernel_size: 3 })] : []),
        ...(after ? [] : [layer("Flatten", { name: "after" })]),
        layer("Dense", { name: "end", units: 3 }),
      ],
    },
  };
}

const needed: Readonly<Record<string, Config>> = {
  Dense: { units: 2 },
  Conv2D: { filters: 2, kernel_size: [3, 3] },
  DepthwiseConv2D: { kernel_size: [3, 3] },
  Dropout: { rate: 0.5 },
  SeparableConv2D: { filters: 2, kernel_size: [3, 3] },
  GroupNormalization: { groups: 2 },
};

const penalty = { class_name: "L2", config: { l2: 0.01 } };
const maxNorm = { class_name: "MaxNorm", config: { max_value: 2, axis: 0 } };
const mixed = { module: "keras", class_name: "DTypePolicy", config: { name: "mixed_float16" } };
const plainType = { module: "keras", class_name: "DTypePolicy", config: { name: "float32" } };

/** Keys that Keras 2, Keras 3 or tfjs write: a value that is refused, and those that are not. */
type Row = readonly [key: string, refused: readonly unknown[], taken: readonly unknown[]];
const everyLayer: Row[] = [
  ["trainable", ["no", 0], [true, null]],
  ["dtype", ["float16", "float64", "int32", mixed], ["float32", plainType, null]],
  ["batch_input_shape", [[null, 5, 6, 2], "none"], [null]],
  ["batch_shape", [[null, 5, 6, 2]], [null]],
  ["activity_regularizer", [penalty, "l2"], [null]],
  ["kernelSize", [3], []],
  ["lora_rank", [4], [null]],
];
const penalised = (...roles: string[]): Row[] =>
  roles.flatMap((role): Row[] => [
    [
      `${role}_regularizer`,
      [penalty, "l1", { class_name: "L1L2", config: { l1: 1, l2: 0 } }],
      [null],
    ],
    [`${role}_constraint`, [maxNorm, "non_neg"], [null]],
    [
      `${role}_initializer`,
      ["orthogonal", { class_name: "Identity", config: {} }, 3, {}],
      ["he_normal", "HeNormal", { module: "keras.initializers", class_name: "Ones", config: {} }],
    ],
  ]);
const image: Row[] = [["data_format", ["channels_first"], ["channels_last", null]]];
const window: Row[] = [
  ...image,
  ["padding", ["causal", "SAME", 1], ["same", "valid"]],
  ["strides", [0, [1, 2, 3], 1.5], [2, [1, 2]]],
];
const undilated: Row[] = [["dilation_rate", [2, [1, 2]], [1, [1, 1]]]];
const dilated: Row[] = [["dilation_rate", [0, [1, 2, 3], 0.5], [1, 2, [1, 2]]]];
const affine: Row[] = [
  ["axis", [1, [1], 0], [-1, 3, [3]]],
  ["epsilon", [0, -1, 1e-50, "small"], [1e-5]],
  ["center", ["yes"], [false]],
  ["scale", [1], [false]],
  ["activation", ["relu"], ["linear"]],
  ...penalised("gamma", "beta"),
];
const rows: Readonly<Record<string, Row[]>> = {
  Dense: [
    ["units", [0, 2.5, "2"], [4]],
    ["use_bias", [1], [false]],
    [
      "activation",
      ["swish", "softmax", "toString", { class_name: "function" }],
      ["relu", "tanh", "sigmoid", "elu", "gelu", "leaky_relu"],
    ],
    ["quantization_config", [{ bits: 8 }], [null]],
    ...penalised("kernel", "bias"),
  ],
  Conv2D: [
    ...window,
    ...dilated,
    ["kernel_size", [0, [3, 3, 3]], [1, [2, 3]]],
    ["groups", [3, 0, 1.5], [1, 2]],
    ["rank", [3], [2]],
    ["use_bias", [0], [false]],
    ["activation", ["mish"], ["relu6"]],
    ...penalised("kernel", "bias"),
  ],
  DepthwiseConv2D: [
    ...window,
    ...dilated,
    ["kernel_size", [0, [3, 3, 3]], [1, [2, 3]]],
    ["depth_multiplier", [0, 1.5], [1, 2]],
    ["use_bias", [0], [false]],
    ["activation", ["mish"], ["relu6"]],
    ...penalised("depthwise", "bias"),
  ],
  MaxPooling2D: [...window, ...undilated, ["pool_size", [0, [1, 2, 3]], [3, [2, 1]]]],
  AveragePooling2D: [...window, ...undilated, ["pool_size", [0, [1, 2, 3]], [3, [2, 1]]]],
  GlobalAveragePooling2D: [...image, ["keepdims", [true], [false]]],
  Flatten: image,
  Activation: [["activation", ["swish"], ["relu", "linear"]]],
  ReLU: [
    ["max_value", [3], [6, null]],
    ["negative_slope", [0.1], [0]],
    ["threshold", [1], [0]],
  ],
  LeakyReLU: [
    ["alpha", [-0.1, "0.1"], [0, 0.1, null]],
    ["negative_slope", [-0.1], [0.1]],
  ],
  ELU: [["alpha", [-1, "1"], [0, 1, null]]],
  Dropout: [
    ["rate", [1, -0.1, "0.5", null], [0, 0.5]],
    ["seed", [0.5, "1"], [3, -1, null]],
    ["noise_shape", [[null, 1]], [null]],
  ],
  BatchNormalization: [
    ...affine,
    ["momentum", [1.5, "much"], [0.9]],
    ["renorm", [true], [false]],
    ["synchronized", [true], [false]],
    ["virtual_batch_size", [8], [null]],
    ["fused", [], [true, false, null]],
    ["trainable", [false], [true]],
    ...penalised("gamma", "beta"),
  ],
  InstanceNormalization: [...affine, ["axis", [null], [-1]], ["groups", [4], [null]]],
  SeparableConv2D: [
    ...window,
    ...dilated,
    ["filters", [0, "2"], [4]],
    ["kernel_size", [0, [3, 3, 3]], [1, [2, 3]]],
    ["depth_multiplier", [0, 1.5], [1, 2]],
    ["use_bias", [0], [false]],
    ["activation", ["mish"], ["relu6", "gelu"]],
    ...penalised("depthwise", "pointwise", "bias"),
  ],
  GroupNormalization: [...affine, ["axis", [null], [-1]], ["groups", [3, 0, "1"], [1, 2, -1]]],
  LayerNormalization: [
    ...affine,
    ["axis", [null, [1, 2, 3]], [-1]],
    ["rms_scaling", [true], [false]],
  ],
  ZeroPadding2D: [
    ...image,
    [
      "padding",
      [-1, "same"],
      [
        1,
        [
          [1, 0],
          [0, 1],
        ],
      ],
    ],
  ],
};

describe("settings of a layer", () => {
  it("are listed here for every kind", () => {
    expect(Object.keys(rows).sort()).toEqual([...layerKindNames, "ZeroPadding2D"].sort());
  });

  const cases = Object.entries(rows).flatMap(([className, own]) =>
    [...own, ...everyLayer].map((row) => [className, ...row] as const),
  );
  it.each(cases)(
    "%s: %s is honoured, without effect or refused",
    (className, key, refused, taken) => {
      const parse = (value: unknown) =>
        parseModel(withLayer(className, { ...needed[className], [key]: value }));
      for (const value of refused) {
        expect(() => parse(value), JSON.stringify(value)).toThrow(InputError);
        expect(() => parse(value), JSON.stringify(value)).toThrow(key);
      }
      for (const value of taken) expect(() => parse(value), JSON.stringify(value)).not.toThrow();
    },
  );

  it("of an Add, an input and the whole model are no less looked at", () => {
    const residual = (add: Config, input: Config, whole: Config) => ({
      class_name: "Functional",
      config: {
        ...whole,
        layers: [
          {
            class_name: "InputLayer",
            name: "in",
            config: { name: "in", batch_input_shape: [null, 3], ...input },
            inbound_nodes: [],
          },
          {
            class_name: "Dense",
            name: "a",
            config: { name: "a", units: 3 },
            inbound_nodes: [[["in", 0, 0, {}]]],
          },
          {
            class_name: "Add",
            name: "sum",
            config: { name: "sum", ...add },
            inbound_nodes: [
              [
                ["a", 0, 0, {}],
                ["in", 0, 0, {}],
              ],
            ],
          },
        ],
        input_layers: [["in", 0, 0]],
        output_layers: [["sum", 0, 0]],
      },
    });
    expect(() => parseModel(residual({}, {}, {}))).not.toThrow();
    expect(() => parseModel(residual({ weights: [1, 2] }, {}, {}))).toThrow("weights");
    expect(() => parseModel(residual({}, { sparse: true }, {}))).toThrow("sparse");
    expect(() => parseModel(residual({}, {}, { dtype: mixed }))).toThrow("mixed_float16");
    expect(() => parseModel(residual({}, {}, { trainable: false }))).toThrow("trainable");
    expect(() => parseModel(residual({}, {}, { ensemble: 3 }))).toThrow("ensemble");
  });

  it("may be a penalty whose weights are zero", () => {
    const none = { class_name: "L1L2", config: { l1: 0, l2: 0 } };
    const layer = { ...needed.Dense, kernel_regularizer: none };
    expect(() => parseModel(withLayer("Dense", layer))).not.toThrow();
  });

  it("is told what to do instead", () => {
    const softmax = withLayer("Activation", { activation: "softmax" });
    expect(() => parseModel(softmax)).toThrow("end the model with it: only there");
    const decay = withLayer("Dense", { units: 3, kernel_regularizer: penalty });
    expect(() => parseModel(decay)).toThrow('{"class_name":"L2","config":{"l2":0.01}}');
  });

  it("leaves initialisers alone where values come from a file", () => {
    const odd = withLayer("Dense", { units: 3, kernel_initializer: "Orthogonal" });
    expect(() => parseModel(odd, { parameters: "given" })).not.toThrow();
  });
});
