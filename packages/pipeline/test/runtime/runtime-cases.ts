import fc from "fast-check";
import type { ModelSpecification } from "../../src/index.js";
import { layerKindNames } from "../../src/model/layers/registry.js";

export interface Entry {
  class_name: string;
  config: Record<string, unknown>;
}

const pair = (least: number, most: number) =>
  fc.tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }));
const activation = fc.constantFrom(
  ...["linear", "relu", "relu6", "tanh", "sigmoid", "elu", "gelu"],
);
const padding = fc.constantFrom("same", "valid");
const normalization = fc.record({
  epsilon: fc.constantFrom(1e-3, 1e-2),
  center: fc.boolean(),
  scale: fc.boolean(),
});

/** Mostly few, of any number; at times as many as make wide convolutions worth other methods. */
const channelCounts = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 18 }) },
  { weight: 1, arbitrary: fc.constantFrom(32, 48, 64) },
);

/** Explicit padding, or none, before a window that has no padding of its own. */
const windows = fc
  .record({
    kernel_size: pair(1, 3),
    strides: pair(1, 3),
    padding: fc.constantFrom("same", "valid", "explicit"),
    explicit: fc.tuple(pair(0, 2), pair(0, 2)),
    activation,
    use_bias: fc.boolean(),
    dilates: fc.boolean(),
  })
  .map(({ padding: mode, explicit, dilates, ...config }) => ({
    before:
      mode === "explicit" ? [{ class_name: "ZeroPadding2D", config: { padding: explicit } }] : [],
    config: {
      ...config,
      padding: mode === "explicit" ? "valid" : mode,
      ...(dilates && Math.max(...config.strides) === 1
        ? { dilation_rate: config.kernel_size.map((size) => (size < 3 || mode === "same" ? 2 : 1)) }
        : {}),
    },
  }));

/** A convolution that gives so many channels. */
const channels = (filters: number): Entry => ({
  class_name: "Conv2D",
  config: { filters, kernel_size: 1 },
});

const convolution = fc
  .record({ window: windows, filters: channelCounts })
  .map(({ window, filters }): Entry[] => [
    ...window.before,
    { class_name: "Conv2D", config: { ...window.config, filters } },
  ]);

const inGroups = fc
  .record({ window: windows, each: fc.constantFrom(1, 2, 16), groups: fc.constantFrom(2, 3, 6) })
  .map(({ window, each, groups }): Entry[] => [
    channels(6 * each),
    ...window.before,
    { class_name: "Conv2D", config: { ...window.config, groups, filters: 2 * groups * each } },
  ]);

const pooling = (class_name: string) =>
  fc
    .record({ pool_size: pair(1, 3), strides: pair(1, 3), padding })
    .map((config): Entry[] => [{ class_name, config }]);

/** Random settings of each layer kind, by Keras class name; all take an image of 4 x 4 or more. */
const layerCases: Readonly<Record<string, fc.Arbitrary<Entry[]>>> = {
  Dense: fc
    .record({ units: fc.integer({ min: 1, max: 20 }), use_bias: fc.boolean(), activation })
    .map((config) => [
      { class_name: "Flatten", config: {} },
      { class_name: "Dense", config },
    ]),
  Conv2D: fc.oneof({ weight: 2, arbitrary: convolution }, { weight: 1, arbitrary: inGroups }),
  DepthwiseConv2D: fc
    .record({ window: windows, depth_multiplier: fc.constantFrom(1, 1, 2, 3) })
    .map(({ window: { before, config }, depth_multiplier }) => [
      ...before,
      { class_name: "DepthwiseConv2D", config: { ...config, depth_multiplier } },
    ]),
  SeparableConv2D: fc
    .record({ window: windows, depth_multiplier: fc.constantFrom(1, 2), filters: channelCounts })
    .map(({ window: { before, config }, ...rest }) => [
      ...before,
      { class_name: "SeparableConv2D", config: { ...config, ...rest } },
    ]),
  MaxPooling2D: fc.oneof(
    pooling("MaxPooling2D"),
    fc.constant<Entry[]>([
      { class_name: "ReLU", config: {} },
      { class_name: "ZeroPadding2D", config: { padding: [1, 1] } },
      { class_name: "MaxPooling2D", config: { pool_size: [3, 3], strides: [2, 2] } },
    ]),
  ),
  AveragePooling2D: pooling("AveragePooling2D"),
  GlobalAveragePooling2D: fc.constant([{ class_name: "GlobalAveragePooling2D", config: {} }]),
  Flatten: fc.constant([{ class_name: "Flatten", config: {} }]),
  Activation: activation.map((each) => [
    { class_name: "Activation", config: { activation: each } },
  ]),
  ReLU: fc
    .constantFrom(null, 6)
    .map((max_value) => [{ class_name: "ReLU", config: { max_value } }]),
  LeakyReLU: fc
    .constantFrom(0, 0.3, 1.5)
    .map((alpha) => [{ class_name: "LeakyReLU", config: { alpha } }]),
  ELU: fc.constantFrom(0, 0.5, 1).map((alpha) => [{ class_name: "ELU", config: { alpha } }]),
  Dropout: fc
    .record({ rate: fc.constantFrom(0.1, 0.5, 0.9), seed: fc.nat(), flat: fc.boolean() })
    .map(({ flat, ...config }) => [
      ...(flat ? [{ class_name: "Flatten", config: {} }] : []),
      { class_name: "Dropout", config },
    ]),
  BatchNormalization: fc
    .record({ settings: normalization, flat: fc.boolean(), last: activation })
    .map(({ settings, flat, last }) => [
      ...(flat ? [{ class_name: "Flatten", config: {} }] : []),
      { class_name: "BatchNormalization", config: { ...settings, momentum: 0.75 } },
      { class_name: "Activation", config: { activation: last } },
    ]),
  InstanceNormalization: fc
    .record({ config: normalization, last: activation })
    .map(({ config, last }) => [
      { class_name: "InstanceNormalization", config },
      { class_name: "Activation", config: { activation: last } },
    ]),
  GroupNormalization: fc
    .record({ config: normalization, groups: fc.constantFrom(1, 2, 3, 6, -1), last: activation })
    .map(({ config, groups, last }) => [
      channels(6),
      { class_name: "GroupNormalization", config: { ...config, groups } },
      { class_name: "Activation", config: { activation: last } },
    ]),
  LayerNormalization: fc
    .record({ config: normalization, flat: fc.boolean(), last: activation })
    .map(({ config, flat, last }) => [
      ...(flat ? [{ class_name: "Flatten", config: {} }] : []),
      { class_name: "LayerNormalization", config },
      { class_name: "Activation", config: { activation: last } },
    ]),
};

export interface Case {
  readonly specification: ModelSpecification;
  readonly batch: number;
}

const frame = fc.record({
  size: pair(4, 9),
  channels: channelCounts,
  batch: fc.constantFrom(1, 2, 5),
  /** Whether the layer stands behind another one, and before another one. */
  behind: fc.boolean(),
  before: fc.boolean(),
});
type Frame = typeof frame extends fc.Arbitrary<infer F> ? F : never;

function inputLayer({ size, channels }: Frame): Entry {
  return {
    class_name: "InputLayer",
    config: { name: "input", batch_input_shape: [null, ...size, channels] },
  };
}

const flattens = ["Flatten", "GlobalAveragePooling2D"];

/** Models around one layer of a kind, at the start, at the end or inside of a stage. */
export function modelsOf(className: string): fc.Arbitrary<Case> {
  return fc
    .record({ frame, layers: layerCases[className] as fc.Arbitrary<Entry[]> })
    .map(({ frame: around, layers: middle }) => {
      const chain = [
        inputLayer(around),
        ...(around.behind
          ? [
              {
                class_name: "Conv2D",
                config: { filters: 5, kernel_size: [3, 3], padding: "same", activation: "relu" },
              },
            ]
          : []),
        ...middle,
        // tfjs does not flatten what is flat.
        ...(middle.some(({ class_name }) => flattens.includes(class_name))
          ? []
          : [{ class_name: "Flatten", config: {} }]),
        ...(around.before ? [{ class_name: "Dense", config: { units: 3 } }] : []),
      ];
      const layers = chain.map(({ class_name, config }, index) => ({
        class_name,
        config: { name: `${class_name}_${index}`, ...config },
      }));
      return {
        specification: { class_name: "Sequential" as const, config: { name: "case", layers } },
        batch: around.batch,
      };
    });
}

/** Residual blocks: one or two convolutions, with norms or not, beside a shortcut of either form. */
export const residualModels: fc.Arbitrary<Case> = fc
  .record({
    frame,
    normalised: fc.boolean(),
    stride: fc.constantFrom(1, 2),
    projected: fc.boolean(),
    activation,
    swapped: fc.boolean(),
  })
  .map(({ frame: around, normalised, stride, projected, activation: last, swapped }) => {
    const filters = projected || stride > 1 ? 6 : around.channels;
    const layers: (Entry & { name: string; inbound_nodes: unknown[] })[] = [];
    const push = (class_name: string, name: string, config: object, ...inputs: string[]) => {
      const calls = inputs.length > 0 ? [inputs.map((each) => [each, 0, 0, {}])] : [];
      layers.push({ class_name, name, config: { ...config, name }, inbound_nodes: calls });
      return name;
    };
    const norm = (name: string, input: string) =>
      normalised ? push("BatchNormalization", name, { momentum: 0.75 }, input) : input;
    const window = (kernel: number, strides: number) => ({
      filters,
      kernel_size: [kernel, kernel],
      strides: [strides, strides],
      padding: "same",
    });
    push("InputLayer", "input", inputLayer(around).config);
    let main = push("Conv2D", "a", window(3, stride), "input");
    main = push("ReLU", "a_relu", { max_value: 6 }, norm("a_norm", main));
    main = norm("b_norm", push("Conv2D", "b", window(3, 1), main));
    const shortcut =
      projected || stride > 1
        ? norm("s_norm", push("Conv2D", "s", window(1, stride), "input"))
        : "input";
    push("Add", "block", {}, ...(swapped ? [shortcut, main] : [main, shortcut]));
    let end = push("Activation", "block_activation", { activation: last }, "block");
    end = push("GlobalAveragePooling2D", "pool", {}, end);
    if (around.before) end = push("Dense", "logits", { units: 3 }, end);
    return {
      specification: {
        class_name: "Functional" as const,
        config: {
          name: "case",
          layers,
          input_layers: [["input", 0, 0]],
          output_layers: [[end, 0, 0]],
        },
      },
      batch: around.batch,
    };
  });

/** Every layer kind of the registry, and residual blocks, which have no class of their own. */
export const kinds: readonly (readonly [string, fc.Arbitrary<Case>])[] = [
  ...layerKindNames.map((className) => [className, modelsOf(className)] as const),
  ["residual", residualModels] as const,
];
