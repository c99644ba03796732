import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { arrangeParameters, loadTfjsRuntime } from "../../src/engine.js";
import { InputError, loadSafetensors, parseModel, type StoredTensor } from "../../src/index.js";
import { readFloats } from "../../src/model/files/floats.js";

type Call = readonly [class_name: string, name: string, inputs: string[], config?: object];

/** A functional model on images of 4 x 5 with 2 channels, layer by layer. */
function functional(...calls: Call[]): unknown {
  const layers = calls.map(([class_name, name, inputs, config = {}]) => ({
    class_name,
    name,
    config: { name, ...config },
    inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input, 0, 0, {}])],
  }));
  return {
    class_name: "Functional",
    config: {
      layers: [
        {
          class_name: "InputLayer",
          name: "in",
          config: { name: "in", batch_input_shape: [null, 4, 5, 2] },
          inbound_nodes: [],
        },
        ...layers,
      ],
      input_layers: [["in", 0, 0]],
      output_layers: [[calls[calls.length - 1]![1], 0, 0]],
    },
  };
}

const norm = { epsilon: 1e-5, momentum: 0.9 };
/** What `files/write_torch.py` computes. */
const networks: Readonly<Record<string, unknown>> = {
  normalised: functional(
    ["Conv2D", "conv", ["in"], { filters: 3, kernel_size: 2 }],
    ["Flatten", "flat", ["conv"]],
    ["BatchNormalization", "norm", ["flat"], norm],
    ["Dense", "fc", ["norm"], { units: 4 }],
  ),
  residual: functional(
    ["Flatten", "flat", ["in"]],
    ["ReLU", "relu", ["flat"]],
    ["BatchNormalization", "before", ["relu"], norm],
    ["Dense", "a", ["before"], { units: 6, activation: "relu" }],
    ["Dense", "b", ["a"], { units: 40 }],
    ["BatchNormalization", "norm", ["b"], norm],
    ["Add", "sum", ["norm", "before"]],
    ["ReLU", "sum_relu", ["sum"]],
    ["Dense", "c", ["sum_relu"], { units: 5 }],
    ["ReLU", "c_relu", ["c"]],
    ["Dense", "d", ["c_relu"], { units: 5 }],
    ["Add", "second", ["c", "d"]],
    ["Dense", "fc", ["second"], { units: 4 }],
  ),
  inside: functional(
    ["Conv2D", "main", ["in"], { filters: 3, kernel_size: 3, padding: "same" }],
    ["Flatten", "main_flat", ["main"]],
    ["Conv2D", "short", ["in"], { filters: 3, kernel_size: 1 }],
    ["Flatten", "short_flat", ["short"]],
    ["Add", "start", ["main_flat", "short_flat"]],
    ["Dense", "inner", ["start"], { units: 60, activation: "relu" }],
    ["Add", "block", ["start", "inner"]],
    ["Dense", "outer", ["block"], { units: 60 }],
    ["Add", "end", ["outer", "start"]],
    ["BatchNormalization", "norm", ["end"], norm],
    ["Dense", "fc", ["norm"], { units: 4 }],
  ),
};

const runtime = await loadTfjsRuntime(["cpu"]);

function read(name: string) {
  const url = new URL(`../files/torch/${name}.safetensors`, import.meta.url);
  const weights = loadSafetensors(fileURLToPath(url));
  const take = (key: string) => {
    const values = readFloats(key, weights.get(key) as StoredTensor);
    weights.delete(key);
    return values;
  };
  return { input: take("input"), logits: take("logits"), weights };
}

function expectLogits(name: string, weights: ReadonlyMap<string, StoredTensor>): void {
  const { input, logits } = read(name);
  const model = parseModel(networks[name]);
  const program = runtime.compile(model.layers, 2, "predict");
  const output = new Float32Array(logits.length);
  const parameters = arrangeParameters(model, weights);
  program.forward(parameters, input, null, output, new Uint8Array(program.scratchBytes));
  output.forEach((value, index) => {
    expect(value).toBeCloseTo(logits[index]!, 4);
  });
}

describe("weights of PyTorch behind a flattened image", () => {
  it.each(Object.keys(networks))("give PyTorch's logits: %s", (name) => {
    expectLogits(name, read(name).weights);
  });

  it("are refused where no order of ours gives PyTorch's", () => {
    const image = ["Conv2D", "conv", ["in"], { filters: 2, kernel_size: 1 }] as const;
    const open = parseModel(functional(image as unknown as Call, ["Flatten", "flat", ["conv"]]));
    const weights = new Map([
      ["conv.weight", { dtype: "F32", shape: [], bytes: new Uint8Array(4) }],
    ]);
    expect(() => arrangeParameters(open, weights)).toThrow(InputError);
    expect(() => arrangeParameters(open, weights)).toThrow("in one order at the logits");

    // 4 x 5 places of 2 channels beside 2 x 5 places of 4.
    const pooled = parseModel(
      functional(
        ["Flatten", "flat", ["in"]],
        ["Conv2D", "conv", ["in"], { filters: 4, kernel_size: 1 }],
        ["MaxPooling2D", "pool", ["conv"], { pool_size: [2, 1] }],
        ["Flatten", "other", ["pool"]],
        ["Add", "sum", ["flat", "other"]],
        ["Dense", "fc", ["sum"], { units: 4 }],
      ),
    );
    expect(() => arrangeParameters(pooled, weights)).toThrow("in one order at the sum sum");
  });
});

describe("names in files", () => {
  const renamed = (change: (name: string) => string) => {
    const { weights } = read("normalised");
    return new Map([...weights].map(([name, tensor]) => [change(name), tensor]));
  };

  it.each<[string, (name: string) => string]>([
    ["DataParallel's", (name) => `module.${name}`],
    ["compiled ones", (name) => `_orig_mod.${name}`],
    ["both", (name) => `_orig_mod.module.${name}`],
    ["compiled inside", (name) => name.replace(".", "._orig_mod.")],
    ["a program's own prefix", (name) => `model.net.${name}`],
  ])("of PyTorch may be %s", (_, change) => {
    expectLogits("normalised", renamed(change));
  });

  it("of PyTorch may have an average's counter beside them", () => {
    const weights = renamed((name) => `module.${name}`);
    weights.set("n_averaged", { dtype: "I64", shape: [], bytes: new Uint8Array(8) });
    expectLogits("normalised", weights);
  });

  it("must not be meant for one place twice", () => {
    const weights = renamed((name) => `module.${name}`);
    weights.set("_orig_mod.fc.bias", weights.get("module.fc.bias")!);
    const model = parseModel(networks.normalised);
    expect(() => arrangeParameters(model, weights)).toThrow("one tensor for fc.bias");
  });

  it("behind a prefix leave what has no place named", () => {
    const weights = renamed((name) => `net.${name}`);
    weights.set("head.weight", weights.get("net.fc.weight")!);
    const model = parseModel(networks.normalised);
    expect(() => arrangeParameters(model, weights)).toThrow("head.weight have no place");
  });
});
