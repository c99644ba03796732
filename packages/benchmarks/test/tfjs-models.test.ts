import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadLayersModel, type Model, parseModel, saveLayersModel } from "@ferret-ocl/pipeline";
import { allocateParameters, Ledger } from "@ferret-ocl/pipeline/engine";
import { registerLayers } from "@ferret-ocl/pipeline/tfjs-layers";
import * as tfModule from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { builtInModels as models } from "@ferret-ocl/pipeline";
import { expect, it } from "vitest";
import { loadMachinery } from "../src/machinery.js";

const tf = "default" in tfModule ? (tfModule.default as typeof tfModule) : tfModule;
const { runtime } = await loadMachinery();

/** Small, but of a shape in which no two axes can be taken for one another. */
const shapes: Readonly<Record<string, readonly number[]>> = { mlp: [7] };
const image = [20, 24, 3];

function predict(model: Model, parameters: Float32Array, input: Float32Array): Float32Array {
  const program = runtime.compile(model.layers, 1, "predict");
  const output = new Float32Array(model.classes);
  program.forward(parameters, input, null, output, new Uint8Array(program.scratchBytes));
  program.dispose();
  return output;
}

function load(directory: string): Promise<tfModule.LayersModel> {
  const content = JSON.parse(readFileSync(join(directory, "model.json"), "utf8"));
  const [{ paths, weights }] = content.weightsManifest;
  return tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology: content.modelTopology,
      weightSpecs: weights,
      weightData: new Uint8Array(readFileSync(join(directory, paths[0]))).buffer,
    }),
  );
}

it.each(Object.keys(models))(
  "tfjs loads %s as it was saved, and predicts the same",
  async (name) => {
    await tf.setBackend("wasm");
    const shape = shapes[name] ?? image;
    const model = parseModel(models[name]!(shape, 5));
    const parameters = allocateParameters(model, new Ledger(null), { seed: 3 });
    const directory = mkdtempSync(join(tmpdir(), "ferret-tfjs-models-"));
    try {
      saveLayersModel(directory, model, parameters);
      const again = loadLayersModel(directory).parameters;
      // Millions of values: compared as bytes.
      expect(
        Buffer.compare(Buffer.from(again.buffer), Buffer.from(parameters.slice().buffer)),
      ).toBe(0);
      const isOurs = model.layers.some(
        ({ configuration }) => configuration.kind === "instanceNormalization",
      );
      if (isOurs) {
        await expect(load(directory)).rejects.toThrow("InstanceNormalization");
        registerLayers(tf);
      }
      const network = await load(directory);
      const length = shape.reduce((product, size) => product * size, 1);
      const input = Float32Array.from({ length }, (_, index) => ((index * 7919) % 997) / 500 - 1);
      const ours = predict(model, parameters, input);
      const tensor = tf.tensor(input, [1, ...shape]);
      const theirs = (network.predict(tensor) as tfModule.Tensor).dataSync();
      const most = Math.max(...ours.map(Math.abs));
      ours.forEach((value, index) => {
        expect(Math.abs(value - theirs[index]!)).toBeLessThan(1e-4 * most);
      });
      network.dispose();
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
);
