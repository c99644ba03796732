import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { initialise } from "../../src/model/initialise.js";
import type { Layer } from "../../src/model/layer.js";
import { layerKindNames } from "../../src/model/layers/registry.js";
import { pendingBytes } from "../../src/model/pending.js";
import { parseModel } from "../../src/model/spec.js";
import { cutStages, layerFootprint } from "../../src/model/stage.js";

type Entry = { class_name: string; config: Record<string, unknown> };
const layer = (class_name: string, config: object = {}): Entry => ({
  class_name,
  config: { ...config },
});
/** A sequential model on images of 6 x 5 x 3 that ends in one flat layer. */
const images = (...layers: Entry[]) =>
  parseModel({
    class_name: "Sequential",
    config: {
      layers: [
        layer("InputLayer", { name: "input", batch_input_shape: [null, 6, 5, 3] }),
        ...layers,
        layer("Flatten", { name: "flat" }),
      ],
    },
  });
const first = (...layers: Entry[]) => images(...layers).layers[0] as Layer;
const parameters = ({ parameters: tensors }: Layer) =>
  tensors.map(({ name, shape }) => `${name} [${shape}]`);

describe("layer kinds", () => {
  // Shapes and parameters as `summary()` of tfjs 4.22 shows them.
  it.each([
    [
      "Conv2D",
      { filters: 4, kernel_size: 3, strides: 2 },
      [2, 2, 4],
      ["kernel [3,3,3,4]", "bias [4]"],
    ],
    [
      "DepthwiseConv2D",
      { kernel_size: [3, 2], padding: "same" },
      [6, 5, 3],
      ["depthwise_kernel [3,2,3,1]", "bias [3]"],
    ],
    [
      "DepthwiseConv2D",
      { kernel_size: 3, use_bias: false },
      [4, 3, 3],
      ["depthwise_kernel [3,3,3,1]"],
    ],
    [
      "Conv2D",
      { filters: 6, kernel_size: 3, groups: 3, dilation_rate: [2, 1] },
      [2, 3, 6],
      ["kernel [3,3,1,6]", "bias [6]"],
    ],
    [
      "DepthwiseConv2D",
      { kernel_size: 3, depth_multiplier: 2, dilation_rate: 2 },
      [2, 1, 6],
      ["depthwise_kernel [3,3,3,2]", "bias [6]"],
    ],
    ["MaxPooling2D", {}, [3, 2, 3], []],
    ["AveragePooling2D", { padding: "same" }, [3, 3, 3], []],
    ["GlobalAveragePooling2D", {}, [3], []],
    ["Flatten", {}, [90], []],
    ["ReLU", { max_value: 6 }, [6, 5, 3], []],
    ["Activation", { activation: "relu6" }, [6, 5, 3], []],
    ["Activation", { activation: "gelu" }, [6, 5, 3], []],
    ["LeakyReLU", {}, [6, 5, 3], []],
    ["ELU", { alpha: 0.5 }, [6, 5, 3], []],
    ["Dropout", { rate: 0.5 }, [6, 5, 3], []],
    [
      "BatchNormalization",
      { axis: 3 },
      [6, 5, 3],
      ["gamma [3]", "beta [3]", "moving_mean [3]", "moving_variance [3]"],
    ],
    [
      "BatchNormalization",
      { scale: false, center: false },
      [6, 5, 3],
      ["moving_mean [3]", "moving_variance [3]"],
    ],
    ["InstanceNormalization", { axis: [-1] }, [6, 5, 3], ["gamma [3]", "beta [3]"]],
    ["GroupNormalization", { groups: 3 }, [6, 5, 3], ["gamma [3]", "beta [3]"]],
    ["LayerNormalization", { axis: [3], center: false }, [6, 5, 3], ["gamma [3]"]],
  ])("%s %j", (className, config, shape, tensors) => {
    const bound = first(layer(className, { ...config, name: "it" }));
    expect(bound.outputShape).toEqual(shape);
    expect(parameters(bound)).toEqual(tensors.map((tensor) => `it/${tensor}`));
    expect(layerKindNames).toContain(className);
  });

  it.each([
    [
      "dilation_rate",
      layer("Conv2D", { filters: 2, kernel_size: 3, dilation_rate: 2, strides: 2 }),
    ],
    ["groups", layer("Conv2D", { filters: 4, kernel_size: 3, groups: 2 })],
    ["groups", layer("GroupNormalization", {})],
    ["axis", layer("LayerNormalization", { axis: [1, 2, 3] })],
    ["window", layer("Conv2D", { filters: 2, kernel_size: 3, dilation_rate: 3 })],
    ["axis", layer("BatchNormalization", { axis: 1 })],
    ["momentum", layer("BatchNormalization", { momentum: 1.5 })],
    ["activation", layer("BatchNormalization", { activation: "relu" })],
    ["max_value", layer("ReLU", { max_value: 1 })],
    ["negative_slope", layer("ReLU", { negative_slope: 0.1 })],
    ["activation", layer("Activation", { activation: "softmax" })],
    ["keepdims", layer("GlobalAveragePooling2D", { keepdims: true })],
    ["window", layer("DepthwiseConv2D", { kernel_size: 7 })],
    ["data_format", layer("MaxPooling2D", { data_format: "channels_first" })],
  ])("name what they can't do: %s", (field, entry) => {
    expect(() => images(entry)).toThrow(InputError);
    expect(() => images(entry)).toThrow(field);
  });

  it("are two layers where channels are convolved by themselves first", () => {
    const settings = { filters: 4, kernel_size: 3, depth_multiplier: 2, activation: "relu" };
    const [depthwise, pointwise] = images(layer("SeparableConv2D", { ...settings, name: "it" }))
      .layers as [Layer, Layer];
    expect(depthwise.outputShape).toEqual([4, 3, 6]);
    expect(parameters(depthwise)).toEqual(["it/depthwise_kernel [3,3,3,2]"]);
    expect(pointwise.outputShape).toEqual([4, 3, 4]);
    expect(parameters(pointwise)).toEqual(["it/pointwise_kernel [1,1,6,4]", "it/bias [4]"]);
    expect(pointwise.configuration).toMatchObject({ activation: "relu" });
    const drawn = { depthwise_initializer: "Ones", pointwise_initializer: "Zeros" };
    const { layers } = images(
      layer("SeparableConv2D", { ...settings, ...drawn, trainable: false }),
      layer("Conv2D", { filters: 2, kernel_size: 1 }),
    );
    expect(layers[0]?.parameters).toMatchObject([{ initial: 1, frozen: true }]);
    expect(layers[1]?.parameters).toMatchObject([
      { initial: 0, frozen: true },
      { initial: 0, frozen: true },
    ]);
  });

  it("begin as the identity where they normalise", () => {
    const model = images(layer("BatchNormalization"));
    expect([...initialise(model, 1)]).toEqual([1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
  });
});

describe("folding", () => {
  const convolution = layer("Conv2D", { filters: 4, kernel_size: 3 });
  const folded = (...layers: Entry[]) =>
    images(...layers)
      .layers.slice(0, -1)
      .map(({ configuration }) =>
        "activation" in configuration
          ? `${configuration.kind} ${configuration.activation}`
          : configuration.kind,
      );

  it("puts an activation into the layer before it", () => {
    expect(folded(convolution, layer("ReLU"))).toEqual(["conv2d relu"]);
    expect(folded(layer("BatchNormalization"), layer("ReLU", { max_value: 6 }))).toEqual([
      "batchNormalization relu6",
    ]);
    expect(folded(layer("Activation", { activation: "linear" }), convolution)).toEqual([
      "conv2d linear",
    ]);
  });

  it("leaves one alone that has nothing to go into", () => {
    expect(folded(layer("ReLU"), convolution)).toEqual(["activation relu", "conv2d linear"]);
    expect(folded(layer("MaxPooling2D"), layer("ReLU"))).toEqual([
      "maxPooling2d",
      "activation relu",
    ]);
    expect(folded(convolution, layer("ReLU"), layer("ReLU", { max_value: 6 }))).toEqual([
      "conv2d relu",
      "activation relu6",
    ]);
  });

  it("puts zero padding into the window after it", () => {
    const padding = layer("ZeroPadding2D", {
      padding: [
        [1, 0],
        [2, 3],
      ],
    });
    const { configuration, outputShape } = first(padding, convolution);
    expect(configuration).toMatchObject({ padding: { before: [1, 2], after: [0, 3] } });
    expect(outputShape).toEqual([5, 8, 4]);
    expect(folded(layer("ReLU"), padding, layer("MaxPooling2D", { pool_size: 4 }))).toEqual([
      "activation relu",
      "maxPooling2d",
    ]);
    for (const behind of [
      layer("Conv2D", { filters: 4, kernel_size: 3, padding: "same" }),
      layer("MaxPooling2D"),
      layer("AveragePooling2D"),
      layer("ZeroPadding2D"),
    ])
      expect(() => images(padding, behind)).toThrow("right behind ZeroPadding2D");
    expect(() => images(convolution, padding)).toThrow("ZeroPadding2D");
    expect(() => images(layer("ReLU"), padding, layer("MaxPooling2D", { pool_size: 3 }))).toThrow(
      "larger than the padding",
    );
  });
});

describe("activations", () => {
  const configurations = (...layers: Entry[]) =>
    images(...layers).layers.map(({ name, configuration }) =>
      "activation" in configuration ? [name, configuration.activation] : [name, null],
    );
  const convolution = (activation: string) =>
    layer("Conv2D", { filters: 4, kernel_size: 3, name: "c", activation });

  it("are applied by the layer before, but for one whose derivative is told from its input", () => {
    expect(configurations(convolution("linear"), layer("ELU", { alpha: 0.5 }))).toEqual([
      ["c", { name: "elu", alpha: 0.5 }],
      ["flat", null],
    ]);
    for (const layers of [
      [convolution("gelu")],
      [convolution("linear"), layer("Activation", { activation: "gelu", name: "c_activation" })],
    ])
      expect(configurations(...layers)).toEqual([
        ["c", "linear"],
        ["c_activation", "gelu"],
        ["flat", null],
      ]);
  });

  it("have the slopes that Keras gives them", () => {
    const [[, slope]] = configurations(layer("LeakyReLU")) as [[string, object]];
    expect(slope).toEqual({ name: "leakyRelu", alpha: 0.3 });
    const [[, named]] = configurations(layer("Activation", { activation: "leaky_relu" })) as [
      [string, object],
    ];
    expect(named).toEqual({ name: "leakyRelu", alpha: 0.2 });
    expect(() => images(layer("LeakyReLU", { alpha: 0.1, negative_slope: 0.1 }))).toThrow("both");
  });

  it("may be negative or above 0 at 0, so that zero padding before a maximum counts", () => {
    const padding = layer("ZeroPadding2D", { padding: 1 });
    for (const activation of ["tanh", "sigmoid", "elu", "gelu"])
      expect(() =>
        images(convolution(activation), padding, layer("MaxPooling2D", { pool_size: 3 })),
      ).toThrow("behind relu or relu6");
  });
});

describe("bytes", () => {
  // By hand from the shapes: images count 16 channels, everything is rounded up to 64 bytes.
  const [batch, image, mask] = [2, 2 * 6 * 5 * 16 * 4, 128];
  const reader = layer("Conv2D", { filters: 2, kernel_size: 1 });
  const flatReader = layer("Dense", { units: 2 });
  const footprint = ({ layers: [one, next] }: ReturnType<typeof images>) =>
    layerFootprint(one as Layer, batch, next);

  it.each([
    ["DepthwiseConv2D", { kernel_size: 1 }, reader, image, 0],
    ["ReLU", {}, reader, image, mask],
    ["BatchNormalization", {}, reader, 64, 64],
    ["BatchNormalization", {}, layer("InstanceNormalization"), image + 64, 64],
    ["InstanceNormalization", {}, reader, 128, 128],
    // Means and deviations of 2 samples, or of 60 pixels, then gamma and beta of 3 channels.
    ["GroupNormalization", { groups: 1 }, reader, 64, 64],
    ["LayerNormalization", {}, reader, 512, 512],
    ["LayerNormalization", {}, layer("GroupNormalization", { groups: 3 }), image + 512, 512],
    ["MaxPooling2D", {}, reader, 2 * 3 * 2 * 16 * 4 + 192, 192],
    ["GlobalAveragePooling2D", {}, flatReader, 64, 0],
    ["LeakyReLU", {}, reader, image, mask],
    ["Dropout", { rate: 0.2 }, reader, image + mask, mask],
    ["Dropout", { rate: 0.2 }, layer("MaxPooling2D"), mask, mask],
    ["Activation", { activation: "tanh" }, layer("MaxPooling2D"), image, image],
    ["Activation", { activation: "gelu" }, reader, 0, 0],
    ["Activation", { activation: "gelu" }, layer("BatchNormalization"), image, 0],
  ])("of %s %j, before a layer that reads its input again", (name, config, next, inner, last) => {
    const found = footprint(images(layer(name, config), next));
    expect(found).toMatchObject({ inner, last, gradient: image });
  });

  it.each([
    ["MaxPooling2D", 0],
    ["AveragePooling2D", mask],
    ["GlobalAveragePooling2D", mask],
    ["Flatten", mask],
  ])("of layers with and without an activation before %s", (name, ofActivation) => {
    const convolution = (activation: string) =>
      layer("Conv2D", { filters: 3, kernel_size: 1, activation });
    const behind = (one: Entry) => footprint(images(one, layer(name)));
    expect(behind(convolution("relu6"))).toMatchObject({ inner: ofActivation, last: mask });
    expect(behind(convolution("linear"))).toMatchObject({ inner: 0, last: 0 });
  });

  it("of a normalisation with an activation that is told from its output", () => {
    const folded = footprint(images(layer("BatchNormalization"), layer("ELU"), reader));
    expect(folded).toMatchObject({ inner: image + 64, last: image + 64 });
  });

  it("of a normalisation with an activation", () => {
    const folded = footprint(images(layer("BatchNormalization"), layer("ReLU"), reader));
    expect(folded).toMatchObject({ inner: 64, last: mask + 64 });
  });

  it("of a layer before a block are by what its paths begin with", () => {
    const block = (...main: Layer[]) =>
      ({ ...main[0], configuration: { kind: "residual", main, shortcut: [] } }) as unknown as Layer;
    const [relu, convolution] = images(layer("ReLU"), reader).layers as [Layer, Layer];
    expect(layerFootprint(relu, batch, block(convolution)).inner).toBe(image);
    expect(layerFootprint(relu, batch, block(relu, convolution)).inner).toBe(mask);
  });
});

describe("bytes that wait between the halves of a backward pass", () => {
  // By hand, as above. Input 2 x 6 x 5 x 3 floats; a gradient counts 16 channels; 4 floats a channel.
  const [batch, input, gradient, few] = [2, 768, 2 * 6 * 5 * 16 * 4, 64];
  const waiting = (...layers: Entry[]) => pendingBytes(images(...layers).layers, batch);
  const convolution = (name: string) =>
    layer("Conv2D", { filters: 5, kernel_size: 3, padding: "same", name });
  const normalization = layer("BatchNormalization");

  it("are the input and the gradient of every layer with weights", () => {
    expect(waiting(convolution("a"))).toBe(input + gradient);
    expect(waiting(convolution("a"), convolution("b"))).toBe(input + 2 * gradient);
    expect(waiting(layer("MaxPooling2D", { strides: 1, padding: "same" }), convolution("a"))).toBe(
      gradient,
    );
  });

  it("are the few gradients of a normalisation, and its input to make its output again", () => {
    expect(waiting(normalization)).toBe(input + few);
    expect(waiting(layer("InstanceNormalization", { center: false, scale: false }))).toBe(input);
    expect(waiting(normalization, convolution("a"))).toBe(input + few + gradient);
    expect(waiting(layer("GroupNormalization", { groups: 3 }))).toBe(input + few);
    expect(waiting(layer("LayerNormalization"), convolution("a"))).toBe(input + few + gradient);
    expect(waiting(layer("Activation", { activation: "gelu" }))).toBe(input);
  });
});

describe("moving statistics", () => {
  it("are listed by stage, with their rates", () => {
    const model = images(
      layer("Conv2D", { filters: 4, kernel_size: 1, name: "a" }),
      layer("BatchNormalization", { momentum: 0.75, name: "b" }),
      layer("BatchNormalization", { momentum: 0.5, scale: false, name: "c" }),
    );
    expect(cutStages(model, [0, 2]).map(({ statistics }) => statistics)).toEqual([
      [
        { offset: 16 + 8, length: 4, rate: 0.25 },
        { offset: 16 + 12, length: 4, rate: 0.25 },
      ],
      [
        { offset: 4, length: 4, rate: 0.5 },
        { offset: 8, length: 4, rate: 0.5 },
      ],
    ]);
  });
});
