import { execFileSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as tfModule from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cutStages, loadNativeRuntime, loadTfjsRuntime } from "../../src/engine.js";
import {
  InputError,
  loadLayersModel,
  type Model,
  type Runtime,
  saveLayersModel,
} from "../../src/index.js";
import { random } from "../runtime/runtime-passes.js";
import { tf } from "../runtime/tape.js";

const batch = 4;
const shape = [6, 6, 2];
const input = random(batch * 72, 1);

const runtimes = [
  await loadTfjsRuntime(["cpu"]),
  ...(await loadNativeRuntime().then(
    (native) => [native],
    (error: Error) => {
      if (!(error instanceof InputError)) throw error;
      return [];
    },
  )),
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ferret-layers-model-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function sequential(): tfModule.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ inputShape: shape, filters: 3, kernelSize: 3, activation: "relu6" }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 5 }),
      tf.layers.activation({ activation: "relu" }),
      tf.layers.dense({ units: 3, useBias: false }),
    ],
  });
}

function residual(): tfModule.LayersModel {
  const start = tf.input({ shape });
  const at = (layer: tfModule.layers.Layer, x: tfModule.SymbolicTensor) =>
    layer.apply(x) as tfModule.SymbolicTensor;
  let main = at(tf.layers.zeroPadding2d({ padding: [1, 1] }), start);
  main = at(tf.layers.conv2d({ filters: 2, kernelSize: 3, useBias: false }), main);
  main = at(tf.layers.batchNormalization({ momentum: 0.8 }), main);
  main = at(tf.layers.reLU({ maxValue: 6 }), main);
  main = at(tf.layers.depthwiseConv2d({ kernelSize: 3, padding: "same" }), main);
  let end = tf.layers.add().apply([main, start]) as tfModule.SymbolicTensor;
  end = at(tf.layers.reLU(), end);
  end = at(tf.layers.averagePooling2d({ poolSize: 2 }), end);
  end = at(tf.layers.globalAveragePooling2d({}), end);
  return tf.model({ inputs: start, outputs: at(tf.layers.dense({ units: 3 }), end) });
}

/** Saves as tfjs' file handler does, in two shards. */
async function saveByTfjs(network: tfModule.LayersModel, directory: string): Promise<void> {
  await network.save(
    tf.io.withSaveHandler(async (artifacts) => {
      const bytes = Buffer.from(tf.io.CompositeArrayBuffer.join(artifacts.weightData));
      writeFileSync(join(directory, "group1-shard1of2.bin"), bytes.subarray(0, 51));
      writeFileSync(join(directory, "group1-shard2of2.bin"), bytes.subarray(51));
      const { modelTopology, weightSpecs, format, generatedBy } = artifacts;
      const paths = ["group1-shard1of2.bin", "group1-shard2of2.bin"];
      const weightsManifest = [{ paths, weights: weightSpecs }];
      writeFileSync(
        join(directory, "model.json"),
        JSON.stringify({ format, generatedBy, modelTopology, weightsManifest }),
      );
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
}

function loadByTfjs(directory: string): Promise<tfModule.LayersModel> {
  const content = JSON.parse(readFileSync(join(directory, "model.json"), "utf8"));
  const [{ paths, weights }] = content.weightsManifest;
  const bytes = new Uint8Array(readFileSync(join(directory, paths[0])));
  return tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology: content.modelTopology,
      weightSpecs: weights,
      weightData: bytes.buffer,
    }),
  );
}

function predictByTfjs(network: tfModule.LayersModel): Float32Array {
  return tf.tidy(() => {
    const tensor = tf.tensor(input, [batch, ...shape]);
    return (network.predict(tensor) as tfModule.Tensor).dataSync().slice() as Float32Array;
  });
}

function predict(runtime: Runtime, model: Model, parameters: Float32Array): Float32Array {
  const program = runtime.compile(model.layers, batch, "predict");
  const output = new Float32Array(batch * model.classes);
  program.forward(parameters, input, null, output, new Uint8Array(program.scratchBytes));
  return output;
}

/** A few steps towards zero logits; moving statistics move by their own rate. */
function train(runtime: Runtime, model: Model, parameters: Float32Array): void {
  const [stage] = cutStages(model, [0]);
  const program = runtime.compile(model.layers, batch);
  const saved = new Uint8Array(program.savedBytes);
  const scratch = new Uint8Array(program.scratchBytes);
  const output = new Float32Array(batch * model.classes);
  const gradient = new Float32Array(parameters.length);
  for (let step = 0; step < 3; step++) {
    program.forward(parameters, input, saved, output, scratch);
    program.backward(parameters, input, saved, output, null, gradient, scratch);
    const rates = new Float32Array(parameters.length).fill(0.05);
    for (const { offset, length, rate } of stage!.statistics)
      rates.fill(rate, offset, offset + length);
    parameters.forEach((value, index) => {
      parameters[index] = value - rates[index]! * gradient[index]!;
    });
  }
}

function expectClose(actual: Float32Array, expected: Float32Array): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, index) => {
    expect(value).toBeCloseTo(expected[index]!, 5);
  });
}

describe.each([
  ["sequential", sequential],
  ["residual", residual],
])("a %s LayersModel", (_, build) => {
  it.each(runtimes)("comes from tfjs, learns on $name and goes back to tfjs", async (runtime) => {
    const network = build();
    const directory = mkdtempSync(join(folder, "model-"));
    await saveByTfjs(network, directory);
    const { model, parameters } = loadLayersModel(directory);
    const before = predict(runtime, model, parameters);
    expectClose(before, predictByTfjs(network));

    train(runtime, model, parameters);
    const trained = predict(runtime, model, parameters);
    expect(trained).not.toEqual(before);
    const saved = join(directory, "saved", "again");
    saveLayersModel(saved, model, parameters);
    expect(readdirSync(saved).sort()).toEqual(["model.json", "weights.bin"]);
    const again = await loadByTfjs(saved);
    expectClose(predictByTfjs(again), trained);
    expect(loadLayersModel(saved).parameters).toEqual(parameters);
  });
});

describe("loadLayersModel", () => {
  async function broken(change: (content: Record<string, never>) => void): Promise<string> {
    const directory = mkdtempSync(join(folder, "broken-"));
    await saveByTfjs(sequential(), directory);
    const file = join(directory, "model.json");
    const content = JSON.parse(readFileSync(file, "utf8"));
    change(content);
    writeFileSync(file, JSON.stringify(content));
    return directory;
  }
  type Content = {
    modelTopology: { config: { layers: { class_name: string }[] } };
    weightsManifest: { paths: string[]; weights: Record<string, unknown>[] }[];
  };

  it.each<[string, (content: Content) => void, string]>([
    ["no topology", (c) => Object.assign(c, { modelTopology: null }), "class_name"],
    ["no manifest", (c) => Object.assign(c, { weightsManifest: 1 }), "weightsManifest"],
    ["an unknown layer", (c) => (c.modelTopology.config.layers[1]!.class_name = "LSTM"), "LSTM"],
    ["a missing shard", (c) => c.weightsManifest[0]!.paths.push("none.bin"), "none.bin"],
    ["a shard elsewhere", (c) => c.weightsManifest[0]!.paths.push("../x.bin"), "../x.bin"],
    ["too few bytes", (c) => c.weightsManifest[0]!.paths.pop(), "bytes"],
    ["too many bytes", (c) => c.weightsManifest[0]!.weights.pop(), "bytes"],
    ["integers", (c) => (c.weightsManifest[0]!.weights[0]!.dtype = "int32"), "int32"],
    [
      "a file twice",
      (c) => c.weightsManifest[0]!.paths.push("group1-shard1of2.bin"),
      "every file once",
    ],
    [
      "a file 3,000 times",
      (c) => (c.weightsManifest[0]!.paths = new Array(3000).fill("group1-shard1of2.bin")),
      "at most 2000 files",
    ],
    ["a drive", (c) => c.weightsManifest[0]!.paths.push("c:x.bin"), "c:x.bin"],
    ["no path", (c) => c.weightsManifest[0]!.paths.push("a\0b"), "inside the model's folder"],
    ["a folder of weights", (c) => (c.weightsManifest[0]!.paths = ["."]), "is a folder"],
    [
      "a weight twice",
      (c) => (c.weightsManifest[0]!.weights[3]!.name = c.weightsManifest[0]!.weights[1]!.name),
      "every weight once",
    ],
    ["a graph", (c) => Object.assign(c, { format: "graph-model" }), "tfjs_layers_model"],
    [
      "a weight of exabytes",
      (c) => (c.weightsManifest[0]!.weights[0]!.shape = [2 ** 40, 2 ** 20]),
      "at most 2147483647 bytes",
    ],
    ["quantized weights", (c) => (c.weightsManifest[0]!.weights[0]!.quantization = {}), "quantiz"],
    ["another name", (c) => (c.weightsManifest[0]!.weights[0]!.name = "x/kernel"), "x/kernel"],
    ["a shape that is none", (c) => (c.weightsManifest[0]!.weights[0]!.shape = [-1]), "[-1]"],
  ])("names what is wrong: %s", async (_, change, message) => {
    const directory = await broken(change as never);
    expect(() => loadLayersModel(directory)).toThrow(InputError);
    expect(() => loadLayersModel(directory)).toThrow(message);
  });

  it("refuses what may not end, and what is nested without end or says two things", async () => {
    const [topology, shard] = [await broken(() => {}), await broken(() => {})];
    rmSync(join(topology, "model.json"));
    execFileSync("mkfifo", [join(topology, "model.json")]);
    expect(() => loadLayersModel(topology)).toThrow("is a device or a pipe");
    rmSync(join(shard, "group1-shard2of2.bin"));
    symlinkSync("/dev/zero", join(shard, "group1-shard2of2.bin"));
    expect(() => loadLayersModel(shard)).toThrow("is a device or a pipe");

    const write = (text: string) => writeFileSync(join(topology, "model.json"), text);
    rmSync(join(topology, "model.json"));
    write(`{"modelTopology":${"[".repeat(9000)}${"]".repeat(9000)}}`);
    expect(() => loadLayersModel(topology)).toThrow("nested more than 64 deep");
    write('{"modelTopology": {"config": {"units": 1, "\\u0075nits": 2}}}');
    expect(() => loadLayersModel(topology)).toThrow('it has the name "units" twice');
    write('{"modelTopology": ');
    expect(() => loadLayersModel(topology)).toThrow("as JSON");
  });

  it("names a folder that holds none", () => {
    expect(() => loadLayersModel(join(folder, "none"))).toThrow("model.json cannot be read");
  });
});
