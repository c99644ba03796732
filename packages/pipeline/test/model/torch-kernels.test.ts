import { expect, it } from "vitest";
import { arrangeParameters, loadTfjsRuntime } from "../../src/engine.js";
import { parseModel, type StoredTensor } from "../../src/index.js";
import { count, random } from "../runtime/runtime-passes.js";

type Image = number[][][];
const layer = (class_name: string, name: string, config: object = {}) => ({
  class_name,
  config: { name, ...config },
});
const [channels, height, width] = [4, 6, 5];
const model = parseModel({
  class_name: "Sequential",
  config: {
    layers: [
      layer("InputLayer", "in", { batch_input_shape: [null, height, width, channels] }),
      layer("Conv2D", "grouped", { filters: 6, kernel_size: [2, 3], groups: 2, dilation_rate: 2 }),
      layer("DepthwiseConv2D", "depthwise", { kernel_size: [2, 1], depth_multiplier: 2 }),
      layer("SeparableConv2D", "separable", { filters: 12, kernel_size: [2, 1] }),
      layer("GlobalAveragePooling2D", "pool"),
      layer("LayerNormalization", "norm", { epsilon: 1e-5 }),
      layer("Dense", "fc", { units: 3 }),
    ],
  },
});

const stored = (shape: number[], seed: number): StoredTensor => {
  const { buffer } = random(count(shape), seed);
  return { dtype: "F32", shape, bytes: new Uint8Array(buffer) };
};
const torch = new Map(
  Object.entries({
    "grouped.weight": [6, 2, 2, 3],
    "grouped.bias": [6],
    "depthwise.weight": [12, 1, 2, 1],
    "depthwise.bias": [12],
    "separable.depthwise.weight": [12, 1, 2, 1],
    "separable.pointwise.weight": [12, 12, 1, 1],
    "separable.pointwise.bias": [12],
    "norm.weight": [12],
    "norm.bias": [12],
    "fc.weight": [3, 12],
    "fc.bias": [3],
  }).map(([name, shape], index) => [name, stored(shape, 10 + index)]),
);
const values = (name: string) => [...new Float32Array(torch.get(name)!.bytes.slice().buffer)];
const sum = (all: number[]) => all.reduce((a, b) => a + b, 0);
const range = (length: number) => Array.from({ length }, (_, index) => index);

/** torch.nn.functional.conv2d without padding, by its definition: [channel][row][column]. */
function conv2d(image: Image, name: string, groups: number, dilation: number): Image {
  const [outputs, inputs, rows, columns] = torch.get(`${name}.weight`)!.shape as number[];
  const weight = values(`${name}.weight`);
  const bias = torch.has(`${name}.bias`) ? values(`${name}.bias`) : range(outputs!).map(() => 0);
  const places = (length: number, size: number) => range(length - (size - 1) * dilation);
  return range(outputs!).map((output) => {
    const first = Math.floor(output / (outputs! / groups)) * inputs!;
    return places(image[0]!.length, rows!).map((y) =>
      places(image[0]![0]!.length, columns!).map((x) => {
        const products = range(inputs!).flatMap((input) =>
          range(rows!).flatMap((i) =>
            range(columns!).map((j) => {
              const at = ((output * inputs! + input) * rows! + i) * columns! + j;
              return image[first + input]![y + i * dilation]![x + j * dilation]! * weight[at]!;
            }),
          ),
        );
        return sum(products) + bias[output]!;
      }),
    );
  });
}

it("PyTorch's kernels in groups, and its LayerNorm, give PyTorch's outputs here", async () => {
  const input = random(height * width * channels, 1);
  const image = range(channels).map((c) =>
    range(height).map((y) => range(width).map((x) => input[(y * width + x) * channels + c]!)),
  );
  const deep = conv2d(conv2d(image, "grouped", 2, 2), "depthwise", 6, 1);
  const images = conv2d(conv2d(deep, "separable.depthwise", 12, 1), "separable.pointwise", 1, 1);
  const pooled = images.map((plane) => sum(plane.flat()) / plane.flat().length);
  const mean = sum(pooled) / pooled.length;
  const variance = sum(pooled.map((value) => (value - mean) ** 2)) / pooled.length;
  const [gamma, beta] = [values("norm.weight"), values("norm.bias")];
  const normed = pooled.map(
    (value, at) => ((value - mean) / Math.sqrt(variance + 1e-5)) * gamma[at]! + beta[at]!,
  );
  const [weight, bias] = [values("fc.weight"), values("fc.bias")];
  const expected = range(3).map(
    (unit) => sum(normed.map((value, at) => value * weight[unit * 12 + at]!)) + bias[unit]!,
  );

  const program = (await loadTfjsRuntime(["cpu"])).compile(model.layers, 1, "predict");
  const output = new Float32Array(3);
  const scratch = new Uint8Array(program.scratchBytes);
  program.forward(arrangeParameters(model, torch), input, null, output, scratch);
  expected.forEach((value, index) => {
    expect(output[index]).toBeCloseTo(value, 4);
  });
});
