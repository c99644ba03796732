import * as tfModule from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import type { Layer } from "../../src/model/layer.js";
import { parseModel } from "../../src/model/spec.js";
import { cutStages, layerFootprint, savedBytes } from "../../src/model/stage.js";

const tf = "default" in tfModule ? (tfModule.default as typeof tfModule) : tfModule;
tf.enableProdMode();

type Node = tfModule.SymbolicTensor;
/** The specification that tfjs itself writes of a functional model on 8 x 8 x 2 images. */
function written(body: (input: Node) => Node): unknown {
  const input = tf.input({ shape: [8, 8, 2], name: "input" });
  const flat = tf.layers.globalAveragePooling2d({ name: "pool" }).apply(body(input)) as Node;
  const model = tf.model({ inputs: input, outputs: flat });
  const specification: unknown = model.toJSON(null, false);
  model.dispose();
  return specification;
}
const convolution = (input: Node, name: string, filters = 2) =>
  tf.layers
    .conv2d({ filters, kernelSize: 3, padding: "same", name, useBias: false })
    .apply(input) as Node;
const norm = (input: Node, name: string) =>
  tf.layers.batchNormalization({ name, momentum: 0.75 }).apply(input) as Node;
const relu = (input: Node, name: string) => tf.layers.reLU({ name }).apply(input) as Node;
const add = (inputs: Node[], name: string) => tf.layers.add({ name }).apply(inputs) as Node;

describe("functional models", () => {
  it("give one layer for each residual block", () => {
    const { layers } = parseModel(
      written((input) => {
        const stem = relu(convolution(input, "stem", 4), "stem_relu");
        const main = norm(convolution(stem, "a", 6), "a_norm");
        const joined = add([main, convolution(stem, "b", 6)], "block");
        return add([convolution(relu(joined, "block_relu"), "c", 6), joined], "pre");
      }),
    );
    expect(layers.map(({ name, configuration }) => `${name} ${configuration.kind}`)).toEqual([
      "stem conv2d",
      "block residual",
      "pre residual",
      "pool globalAveragePooling2d",
    ]);
    const [, block, pre] = layers as [Layer, Layer, Layer];
    expect(block.parameters.map(({ name }) => name)).toEqual([
      "a/kernel",
      "a_norm/gamma",
      "a_norm/beta",
      "a_norm/moving_mean",
      "a_norm/moving_variance",
      "b/kernel",
    ]);
    expect(block.outputShape).toEqual([8, 8, 6]);
    // The rectifier opens the main path, so it must not reach the shortcut.
    expect(block.configuration).toMatchObject({ activation: "linear" });
    expect(pre.configuration).toMatchObject({
      main: [{ configuration: { kind: "activation" } }, { configuration: { kind: "conv2d" } }],
      shortcut: [],
    });
  });

  it("may be deep: to look back through one block after the other doubles no work", () => {
    const { layers } = parseModel(
      written((input) => {
        let end = input;
        for (let block = 0; block < 64; block++)
          end = add([convolution(end, `main${block}`), end], `block${block}`);
        return end;
      }),
    );
    expect(layers.length).toBe(65);
  });

  it("put blocks inside blocks, and an activation into the block before it", () => {
    const { layers } = parseModel(
      written((input) => {
        const inner = add([input, convolution(input, "a")], "inner");
        return relu(add([convolution(inner, "b"), input], "outer"), "outer_relu");
      }),
    );
    expect(layers[0]).toMatchObject({
      name: "outer",
      configuration: {
        activation: "relu",
        main: [{ name: "inner" }, { name: "b" }],
        shortcut: [],
      },
    });
  });

  it("count what a block keeps, and list the statistics inside it", () => {
    const model = parseModel(
      written((input) => {
        const main = norm(convolution(input, "a"), "a_norm");
        const second = norm(convolution(relu(main, "relu"), "b"), "b_norm");
        const shortcut = norm(convolution(input, "s"), "s_norm");
        return relu(add([second, shortcut], "block"), "block_relu");
      }),
    );
    const [block] = model.layers as [Layer];
    const [image, pair] = [3 * 8 * 8 * 16 * 4, 64];
    // a, b and s keep their outputs; each norm its statistics; the block its output
    // before another one, and a bit for each of its values, in 16 channels, at the end.
    const paths = image + pair + image + pair + (image + pair);
    expect(layerFootprint(block, 3, block)).toMatchObject({
      inner: paths + image,
      last: paths + (3 * 8 * 8 * 16) / 8,
      gradient: image,
    });
    expect(savedBytes([block], 3)).toBe(paths + (3 * 8 * 8 * 16) / 8);
    const kernel = 3 * 3 * 2 * 2;
    expect(cutStages(model, [0])[0]?.statistics.map(({ offset }) => offset)).toEqual([
      kernel + 4,
      kernel + 6,
      2 * kernel + 8 + 4,
      2 * kernel + 8 + 6,
      3 * kernel + 16 + 4,
      3 * kernel + 16 + 6,
    ]);
  });

  it.each([
    ["three paths", (x: Node) => add([convolution(x, "a"), convolution(x, "b"), x], "sum"), "sum"],
    ["nothing between", (x: Node) => add([x, x], "sum"), "sum"],
    [
      "a path out of a block",
      (x: Node) => {
        const inside = convolution(x, "inside");
        return add([add([convolution(inside, "a"), x], "b"), inside], "c");
      },
      "inside",
    ],
    [
      "Concatenate",
      (x: Node) => tf.layers.concatenate().apply([x, convolution(x, "a")]) as Node,
      "concatenate",
    ],
  ])("refuse other graphs: %s", (_, body, name) => {
    const specification = written(body);
    expect(() => parseModel(specification)).toThrow(InputError);
    expect(() => parseModel(specification)).toThrow(name);
  });

  it("refuse layers that lead nowhere", () => {
    const specification = structuredClone(written((x) => convolution(x, "a"))) as {
      config: { layers: object[] };
    };
    specification.config.layers.push({
      class_name: "ReLU",
      config: { name: "spare" },
      inbound_nodes: [[["a", 0, 0, {}]]],
    });
    expect(() => parseModel(specification)).toThrow("spare");
  });
});
