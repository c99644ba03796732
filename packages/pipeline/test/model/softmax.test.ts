import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as tfModule from "@tensorflow/tfjs";
import { expect, it } from "vitest";
import { loadTfjsRuntime } from "../../src/engine.js";
import { InputError, loadLayersModel, parseModel, saveLayersModel } from "../../src/index.js";
import { random, randomParameters } from "../runtime/runtime-passes.js";
import { tf } from "../runtime/tape.js";

interface Entry {
  class_name: string;
  config: Record<string, unknown>;
}
const dense = (name: string, units: number, activation?: string): Entry => ({
  class_name: "Dense",
  config: { name, units, ...(activation ? { activation } : {}) },
});
const sequential = (...layers: Entry[]) => ({
  class_name: "Sequential" as const,
  config: {
    name: "probabilities",
    layers: [
      { class_name: "InputLayer", config: { name: "input", batch_input_shape: [null, 6] } },
      ...layers,
    ],
  },
});
const activation = { class_name: "Activation", config: { name: "end", activation: "softmax" } };
const layer = { class_name: "Softmax", config: { name: "end", axis: -1 } };
const endings: [string, Entry[]][] = [
  ["an activation of the last layer", [dense("logits", 3, "softmax")]],
  ["an Activation layer", [dense("logits", 3), activation]],
  ["a Softmax layer", [dense("logits", 3), layer]],
];

it.each(endings)("a softmax that is %s is the loss's, and tfjs still has it", async (_, end) => {
  const hidden = dense("hidden", 5, "relu");
  const model = parseModel(sequential(hidden, ...end));
  const logits = parseModel(sequential(hidden, dense("logits", 3)));
  expect(model.layers).toEqual(logits.layers);

  const parameters = randomParameters(model.layers, 1);
  const directory = mkdtempSync(join(tmpdir(), "ferret-softmax-"));
  try {
    saveLayersModel(directory, model, parameters);
    expect(loadLayersModel(directory).model.layers.length).toBe(2);
    const input = random(4 * 6, 2);
    const program = (await loadTfjsRuntime(["cpu"])).compile(model.layers, 4, "predict");
    const output = new Float32Array(4 * 3);
    program.forward(parameters, input, null, output, new Uint8Array(program.scratchBytes));
    const ours = tf.softmax(tf.tensor2d(output, [4, 3])).dataSync();
    const content = JSON.parse(readFileSync(join(directory, "model.json"), "utf8"));
    const network = await tf.loadLayersModel(
      tf.io.fromMemory({
        modelTopology: content.modelTopology,
        weightSpecs: content.weightsManifest[0].weights,
        weightData: new Uint8Array(readFileSync(join(directory, "weights.bin"))).buffer,
      }),
    );
    const theirs = (network.predict(tf.tensor2d(input, [4, 6])) as tfModule.Tensor).dataSync();
    ours.forEach((value, index) => {
      expect(value).toBeCloseTo(theirs[index]!, 6);
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

it("a softmax anywhere else is refused, and so is one over another axis", () => {
  const refused = (message: string, ...layers: Entry[]) => {
    expect(() => parseModel(sequential(...layers))).toThrow(InputError);
    expect(() => parseModel(sequential(...layers))).toThrow(message);
  };
  refused("end the model with it", activation, dense("logits", 3));
  refused("Softmax as the last layer", layer, dense("logits", 3));
  refused("end the model with it", dense("logits", 3, "softmax"), dense("more", 3));
  refused("axis", dense("logits", 3), { class_name: "Softmax", config: { axis: 0 } });
  refused("flat last layer", layer);
});
