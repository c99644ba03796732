import { describe, expect, it } from "vitest";
import { InputError, parseModel } from "../../src/index.js";
import { limits } from "../../src/model/limits.js";

const layer = (class_name: string, config: object) => ({ class_name, config });
const sequential = (shape: number[], ...layers: object[]) => ({
  class_name: "Sequential",
  config: {
    layers: [layer("InputLayer", { name: "in", batch_input_shape: [null, ...shape] }), ...layers],
  },
});
const dense = (units: number) => layer("Dense", { units });

interface Node {
  class_name: string;
  name: string;
  inputs: readonly string[];
}
const functional = (nodes: readonly Node[], end: string) => ({
  class_name: "Functional",
  config: {
    layers: nodes.map(({ class_name, name, inputs }) => ({
      class_name,
      name,
      config: {
        name,
        ...(class_name === "InputLayer" ? { batch_input_shape: [null, 2] } : {}),
        ...(class_name === "Dense" ? { units: 2 } : {}),
      },
      inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input, 0, 0, {}])],
    })),
    input_layers: [["in", 0, 0]],
    output_layers: [[end, 0, 0]],
  },
});
const input: Node = { class_name: "InputLayer", name: "in", inputs: [] };

function refused(specification: unknown, message: string): void {
  expect(() => parseModel(specification)).toThrow(InputError);
  expect(() => parseModel(specification)).toThrow(message);
}

describe("limits of a model", () => {
  it.each<[string, unknown, string]>([
    ["units", sequential([1], dense(1e7), dense(2)), "at most 1048576 values"],
    ["an input", sequential([1e9], dense(2)), "at most 1048576 values along one axis"],
    ["an image", sequential([1e5, 1e5, 3], layer("Flatten", {})), "values of one sample"],
    ["parameters", sequential([20000], dense(20000), dense(2)), "at most 268435456 parameters"],
    [
      "parameters of many layers",
      sequential([10000], ...new Array(4).fill(0).map(() => dense(10000))),
      "at most 268435456 parameters",
    ],
    [
      "padding",
      sequential([4, 4, 1], layer("ZeroPadding2D", { padding: 1e9 }), layer("Flatten", {})),
      "at most 1048576 values",
    ],
    [
      "filters of an image",
      sequential(
        [1000, 1000, 1],
        layer("Conv2D", { filters: 1000, kernel_size: 1 }),
        layer("Flatten", {}),
      ),
      "values of one sample",
    ],
    ["layers", sequential([2], ...new Array(limits.layers).fill(dense(2))), "at most 5000 layers"],
  ])("%s", (_, specification, message) => {
    refused(specification, message);
  });

  it("let what is common through", () => {
    const wide = sequential([784], dense(4096), dense(4096), dense(1000));
    expect(parseModel(wide).parameterCount).toBe(785 * 4096 + 4097 * 4096 + 4097 * 1000);
  });
});

describe("graphs", () => {
  it("without an end are refused: a cycle of any length", () => {
    for (const length of [1, 2, 3000]) {
      const ring = Array.from({ length }, (_, index) => ({
        class_name: "Dense",
        name: `d${index}`,
        inputs: [`d${(index + 1) % length}`],
      }));
      refused(functional([input, ...ring], "d0"), "without a cycle");
    }
    const add = { class_name: "Add", name: "sum", inputs: ["in", "back"] };
    const back = { class_name: "Dense", name: "back", inputs: ["sum"] };
    refused(functional([input, add, back], "sum"), "waits for its own output");
  });

  it("that name a layer which is not there are refused", () => {
    const lost = { class_name: "Dense", name: "d", inputs: ["elsewhere"] };
    refused(functional([input, lost], "d"), '"elsewhere"');
  });

  it("nested without end are refused, and taken up to a limit", () => {
    const nested = (depth: number) => {
      const nodes: Node[] = [input];
      // Each block holds the one before on its main path: all shortcuts come from the input.
      for (let block = 0; block < depth; block++) {
        const before = block === 0 ? "in" : `sum${block - 1}`;
        nodes.push({ class_name: "Dense", name: `d${block}`, inputs: [before] });
        nodes.push({ class_name: "Add", name: `sum${block}`, inputs: [`d${block}`, "in"] });
      }
      return functional(nodes, `sum${depth - 1}`);
    };
    refused(nested(2400), "at most 64 residual blocks inside one another");
    expect(parseModel(nested(60)).layers.length).toBe(1);
  });

  it("of thousands of blocks, one behind the other, are read", () => {
    const nodes: Node[] = [input];
    for (let block = 0; block < 2400; block++) {
      const before = block === 0 ? "in" : `sum${block - 1}`;
      nodes.push({ class_name: "Dense", name: `d${block}`, inputs: [before] });
      nodes.push({ class_name: "Add", name: `sum${block}`, inputs: [`d${block}`, before] });
    }
    expect(parseModel(functional(nodes, "sum2399")).layers.length).toBe(2400);
  });
});

describe("windows larger than their image", () => {
  const windowed = (className: string, size: [number, number], image: [number, number]) =>
    sequential(
      [...image, 2],
      layer(className, {
        padding: "same",
        ...(className === "Conv2D" ? { filters: 2 } : {}),
        [className.endsWith("Pooling2D") ? "pool_size" : "kernel_size"]: size,
      }),
      layer("Flatten", {}),
    );

  it.each(["Conv2D", "DepthwiseConv2D", "MaxPooling2D", "AveragePooling2D"])("of %s", (name) => {
    for (const [size, image] of [
      [
        [10, 10],
        [9, 9],
      ],
      [
        [11, 3],
        [8, 20],
      ],
      [
        [3, 11],
        [20, 8],
      ],
      [
        [11, 3],
        [20, 2],
      ],
    ] as const)
      refused(windowed(name, [...size], [...image]), "window of at most 9, or no larger");
    for (const [size, image] of [
      [
        [9, 9],
        [2, 2],
      ],
      [
        [3, 3],
        [1, 1],
      ],
      [
        [11, 11],
        [11, 12],
      ],
      [
        [9, 1],
        [1, 9],
      ],
    ] as const)
      expect(() => parseModel(windowed(name, [...size], [...image]))).not.toThrow();
  });

  it("count their input before padding", () => {
    refused(
      sequential(
        [8, 8, 2],
        layer("ZeroPadding2D", { padding: 3 }),
        layer("Conv2D", { filters: 1, kernel_size: 11 }),
        layer("Flatten", {}),
      ),
      "[11,11] on [8,8,2]",
    );
  });
});

describe("a specification that is no JSON", () => {
  const config = (change: object) => sequential([4, 4, 1], layer("Flatten", change), dense(2));
  const itself: Record<string, unknown> = {};
  itself.inner = { itself };
  const sparse = [1, 2];
  delete sparse[0];
  let doubled: unknown[] = [];
  for (let level = 0; level < 50; level++) doubled = [doubled, doubled];

  it.each<[string, unknown, string]>([
    ["an object that contains itself", config({ x: itself }), "an object that contains itself"],
    ["a place that was never set", config({ padding: sparse }), "config.padding[0]"],
    ["no number", config({ epsilon: Number.NaN }), "model.config.layers[1].config.epsilon"],
    ["a BigInt", config({ units: 3n }), "JSON for model.config.layers[1].config.units"],
    ["a function", config({ units: () => 3 }), "JSON for model.config.layers[1].config.units"],
    ["nothing at all", undefined, "JSON for model"],
    ["many times the same", config({ x: doubled }), "settings that Flatten has"],
  ])("is refused: %s", (_, specification, message) => {
    refused(specification, message);
  });

  it("may leave settings undefined", () => {
    expect(parseModel(config({ data_format: undefined })).classes).toBe(2);
  });
});
