import { describe, expect, it } from "vitest";
import { arrangeParameters, loadTfjsRuntime, nameParameters } from "../../src/engine.js";
import { InputError, parseModel, type StoredTensor } from "../../src/index.js";
import { count, random, randomParameters } from "../runtime/runtime-passes.js";

const [height, width, channels, filters, units] = [4, 3, 2, 5, 6] as const;
const layer = (class_name: string, name: string, config: object = {}) => ({
  class_name,
  config: { name, ...config },
});
const model = parseModel({
  class_name: "Sequential",
  config: {
    name: "small",
    layers: [
      layer("InputLayer", "input", { batch_input_shape: [null, height, width, channels] }),
      layer("Conv2D", "block.0", { filters, kernel_size: [3, 2], use_bias: false }),
      layer("BatchNormalization", "block.1", { epsilon: 1e-5 }),
      layer("DepthwiseConv2D", "block.2", { kernel_size: [1, 2] }),
      layer("Flatten", "flatten"),
      layer("Dense", "hidden", { units }),
      layer("Dense", "fc", { units: 3 }),
    ],
  },
});

function stored(shape: readonly number[], values: Float32Array): StoredTensor {
  return { dtype: "F32", shape, bytes: new Uint8Array(values.buffer, 0, values.byteLength) };
}
/** The tensors that PyTorch would save of the same layers. */
const torch = new Map(
  Object.entries({
    "block.0.weight": [filters, channels, 3, 2],
    "block.1.weight": [filters],
    "block.1.bias": [filters],
    "block.1.running_mean": [filters],
    "block.1.running_var": [filters],
    "block.2.weight": [filters, 1, 1, 2],
    "block.2.bias": [filters],
    "hidden.weight": [units, filters * 2 * 1],
    "hidden.bias": [units],
    "fc.weight": [3, units],
    "fc.bias": [3],
  }).map(([name, shape], index) => {
    const values = random(count(shape), index + 1);
    return [name, stored(shape, name.endsWith("running_var") ? values.map((v) => v + 1) : values)];
  }),
);

/** The network as PyTorch defines it: images [channels, height, width], by loops. */
function torchForward(image: (c: number, y: number, x: number) => number): number[] {
  const tensor = (name: string) => {
    const { shape, bytes } = torch.get(name)!;
    const values = new Float32Array(bytes.slice().buffer);
    return (...index: number[]) =>
      values[index.reduce((at, i, axis) => at * shape[axis]! + i, 0)] as number;
  };
  const range = (length: number) => Array.from({ length }, (_, index) => index);
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const [kernel, gamma, beta] = ["block.0.weight", "block.1.weight", "block.1.bias"].map(tensor);
  const [mean, variance] = ["block.1.running_mean", "block.1.running_var"].map(tensor);
  const [depthwise, bias] = ["block.2.weight", "block.2.bias"].map(tensor);
  const normed = (f: number, y: number, x: number) => {
    const value = sum(
      range(channels).flatMap((c) =>
        range(3).flatMap((i) => range(2).map((j) => image(c, y + i, x + j) * kernel!(f, c, i, j))),
      ),
    );
    return ((value - mean!(f)) / Math.sqrt(variance!(f) + 1e-5)) * gamma!(f) + beta!(f);
  };
  // Flattened channel by channel.
  const flat = range(filters).flatMap((f) =>
    range(2).map(
      (y) => sum(range(2).map((j) => normed(f, y, j) * depthwise!(f, 0, 0, j))) + bias!(f),
    ),
  );
  const linear = (name: string, input: number[], outputs: number) => {
    const [weight, offset] = [tensor(`${name}.weight`), tensor(`${name}.bias`)];
    return range(outputs).map((o) => sum(input.map((v, i) => v * weight(o, i))) + offset(o));
  };
  return linear("fc", linear("hidden", flat, units), 3);
}

describe("arrangeParameters", () => {
  it("puts PyTorch's tensors where they give PyTorch's predictions", async () => {
    const runtime = await loadTfjsRuntime(["cpu"]);
    const input = random(count([height, width, channels]), 50);
    const output = new Float32Array(3);
    const program = runtime.compile(model.layers, 1, "predict");
    const parameters = arrangeParameters(model, torch);
    program.forward(parameters, input, null, output, new Uint8Array(program.scratchBytes));
    const expected = torchForward((c, y, x) => input[(y * width + x) * channels + c] as number);
    expected.forEach((value, index) => {
      expect(output[index]).toBeCloseTo(value, 5);
    });
  });

  it("gives back what nameParameters named", () => {
    const parameters = randomParameters(model.layers, 3);
    const named = nameParameters(model, parameters);
    expect([...named.keys()].slice(0, 3)).toEqual([
      "block.0/kernel",
      "block.1/gamma",
      "block.1/beta",
    ]);
    const tensors = new Map(
      [...named].map(([name, { shape, values }]) => [name, stored(shape, values.slice())]),
    );
    expect(arrangeParameters(model, tensors)).toEqual(parameters);
  });

  const changed = (change: (tensors: Map<string, StoredTensor>) => void) => {
    const tensors = new Map(torch);
    change(tensors);
    return tensors;
  };
  const scalar = stored([], Float32Array.of(1));

  it("leaves PyTorch's counters alone", () => {
    const counted = changed((tensors) => tensors.set("block.1.num_batches_tracked", scalar));
    expect(arrangeParameters(model, counted)).toEqual(arrangeParameters(model, torch));
  });

  it.each([
    [
      "missing",
      changed((tensors) => tensors.delete("fc.bias")),
      "PyTorch names but fc.bias are missing",
    ],
    [
      "left over",
      changed((tensors) => tensors.set("fc2.weight", scalar)),
      "fc2.weight have no place",
    ],
    [
      "of another shape",
      changed((tensors) => tensors.set("fc.bias", scalar)),
      "fc.bias of shape [3]",
    ],
    [
      "of another type",
      changed((tensors) => tensors.set("fc.bias", { ...torch.get("fc.bias")!, dtype: "I32" })),
      "fc.bias of type F32",
    ],
    [
      "none at one place",
      changed((tensors) => tensors.set("fc.bias", stored([3], Float32Array.of(1, Number.NaN, 2)))),
      "finite numbers in tensor fc.bias but value 1 is NaN",
    ],
    [
      "infinite at one place",
      changed((tensors) => {
        const bytes = new Uint8Array(Float64Array.of(0, 2, -1e39).buffer);
        tensors.set("fc.bias", { dtype: "F64", shape: [3], bytes });
      }),
      "finite numbers in tensor fc.bias but value 2 is -Infinity",
    ],
    [
      "variances below zero",
      changed((tensors) =>
        tensors.set(
          "block.1.running_var",
          stored([filters], new Float32Array(filters).fill(1).fill(-0.5, 3)),
        ),
      ),
      "finite numbers from 0 in tensor block.1.running_var but value 3 is -0.5",
    ],
    ["all missing", new Map<string, StoredTensor>(), "and 3 more are missing"],
  ])("names tensors that are %s", (_, tensors, message) => {
    expect(() => arrangeParameters(model, tensors)).toThrow(InputError);
    expect(() => arrangeParameters(model, tensors)).toThrow(message);
  });
});
