import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as tfModule from "@tensorflow/tfjs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadTfjsRuntime, tfjsNotices } from "../../src/engine.js";
import { loadLayersModel, type Model, parseModel, saveLayersModel } from "../../src/index.js";
import { registerLayers } from "../../src/runtime/tfjs/layers.js";
import { random, randomParameters } from "../runtime/runtime-passes.js";
import { tf } from "../runtime/tape.js";

const batch = 3;
const shape = [6, 5, 4];

/** Layers that a file may have, as Keras 2, Keras 3 or tfjs write them; whether tfjs knows them. */
const cases: readonly [string, boolean, object, ...object[]][] = [
  ["Activation", true, { activation: "tanh" }],
  ["Activation", true, { activation: "sigmoid" }],
  ["Activation", true, { activation: "elu" }],
  ["Activation", true, { activation: "gelu" }],
  ["Conv2D", true, { filters: 3, kernel_size: 2, activation: "gelu" }],
  ["Conv2D", false, { filters: 3, kernel_size: 2, activation: "leaky_relu" }],
  ["LeakyReLU", true, { alpha: 0.1 }],
  ["LeakyReLU", true, { negative_slope: 0.1 }],
  ["LeakyReLU", true, {}],
  ["ELU", true, { alpha: 1 }],
  ["ELU", false, { alpha: 0.5 }],
  ["Conv2D", true, { filters: 3, kernel_size: [2, 3], dilation_rate: [3, 1] }],
  ["DepthwiseConv2D", true, { kernel_size: 2, padding: "same", depth_multiplier: 3 }],
  ["SeparableConv2D", true, { filters: 3, kernel_size: 2, strides: 2, activation: "tanh" }],
  ["SeparableConv2D", true, { filters: 3, kernel_size: 2, use_bias: false, depth_multiplier: 2 }],
  ["SeparableConv2D", true, { filters: 3, kernel_size: 2, dilation_rate: 2 }],
  ["LayerNormalization", true, { epsilon: 0.01 }],
  ["LayerNormalization", true, { axis: [3], epsilon: 0.01 }],
  ["GroupNormalization", false, { groups: 2, epsilon: 0.01 }],
  ["GroupNormalization", false, { groups: -1, scale: false }],
  ["Dropout", true, { rate: 0.5, seed: 3 }],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ferret-saved-layers-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function modelOf(className: string, config: object): Model {
  const layer = (class_name: string, name: string, rest: object) => ({
    class_name,
    config: { name, ...rest },
  });
  return parseModel({
    class_name: "Sequential",
    config: {
      name: "saved",
      layers: [
        layer("InputLayer", "input", { batch_input_shape: [null, ...shape] }),
        layer(className, "it", config),
        layer("Flatten", "flat", {}),
        layer("Dense", "logits", { units: 3 }),
      ],
    },
  });
}

it.each(cases)(
  "%s goes to tfjs and comes back (known there: %s): %j",
  async (name, known, config) => {
    const model = modelOf(name, config);
    const parameters = randomParameters(model.layers, 1);
    const directory = mkdtempSync(join(folder, "model-"));
    saveLayersModel(directory, model, parameters);
    expect(tfjsNotices(model).length).toBe(known ? 0 : 1);
    const again = loadLayersModel(directory);
    expect(again.parameters).toEqual(parameters);
    expect(again.model.layers).toEqual(model.layers);

    const input = random(batch * shape.reduce((a, b) => a * b, 1), 2);
    const program = (await loadTfjsRuntime(["cpu"])).compile(model.layers, batch, "predict");
    const output = new Float32Array(batch * 3);
    program.forward(parameters, input, null, output, new Uint8Array(program.scratchBytes));

    if (!known) registerLayers(tf as typeof tfModule);
    const content = JSON.parse(readFileSync(join(directory, "model.json"), "utf8"));
    const network = await tf.loadLayersModel(
      tf.io.fromMemory({
        modelTopology: content.modelTopology,
        weightSpecs: content.weightsManifest[0].weights,
        weightData: new Uint8Array(readFileSync(join(directory, "weights.bin"))).buffer,
      }),
    );
    const theirs = (
      network.predict(tf.tensor(input, [batch, ...shape])) as tfModule.Tensor
    ).dataSync();
    output.forEach((value, index) => {
      expect(value).toBeCloseTo(theirs[index]!, 5);
    });
  },
);

it.each([
  ["Conv2D", { filters: 4, kernel_size: 2, groups: 2 }, "no Conv2D in groups"],
  ["DepthwiseConv2D", { kernel_size: 2, dilation_rate: 2 }, "dilations of a DepthwiseConv2D"],
])("%s %j comes back, and it is told that tfjs cannot load it", (name, config, notice) => {
  const model = modelOf(name, config);
  const parameters = randomParameters(model.layers, 1);
  const directory = mkdtempSync(join(folder, "model-"));
  saveLayersModel(directory, model, parameters);
  expect(tfjsNotices(model).join()).toContain(notice);
  expect(loadLayersModel(directory)).toEqual({ model: expect.anything(), parameters });
  expect(loadLayersModel(directory).model.layers).toEqual(model.layers);
});
