import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type * as tfModule from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  arrangeParameters,
  loadTfjsRuntime,
  nameParameters,
  tfjsNotices,
} from "../../src/engine.js";
import { loadLayersModel, type Model, parseModel, saveLayersModel } from "../../src/index.js";
import { registerLayers } from "../../src/runtime/tfjs/layers.js";
import { random } from "../runtime/runtime-passes.js";
import { tf } from "../runtime/tape.js";

const runtime = await loadTfjsRuntime(["cpu"]);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ferret-keras-files-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const fixture = (name: string) => fileURLToPath(new URL(`../files/keras/${name}`, import.meta.url));
const read = (name: string, file: string) =>
  JSON.parse(readFileSync(join(fixture(name), file), "utf8"));

function predict(model: Model, parameters: Float32Array, input: Float32Array): Float32Array {
  const size = input.length / model.inputShape.reduce((product, length) => product * length, 1);
  const program = runtime.compile(model.layers, size, "predict");
  const output = new Float32Array(size * model.classes);
  program.forward(parameters, input, null, output, new Uint8Array(program.scratchBytes));
  return output;
}

function expectClose(actual: Float32Array, expected: ArrayLike<number>, digits = 4): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, index) => {
    expect(value).toBeCloseTo(expected[index]!, digits);
  });
}

/** What tfjs' own loader makes of a saved model, on an input. */
async function predictByTfjs(directory: string, model: Model, input: Float32Array) {
  const content = JSON.parse(readFileSync(join(directory, "model.json"), "utf8"));
  const [{ paths, weights }] = content.weightsManifest;
  const network: tfModule.LayersModel = await tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology: content.modelTopology,
      weightSpecs: weights,
      weightData: new Uint8Array(readFileSync(join(directory, paths[0]))).buffer,
    }),
  );
  const size = input.length / model.inputShape.reduce((product, length) => product * length, 1);
  const output = tf.tidy(() => {
    const logits = network.predict(tf.tensor(input, [size, ...model.inputShape]));
    return (logits as tfModule.Tensor).dataSync().slice() as Float32Array;
  });
  network.dispose();
  return output;
}

describe.each(["sequential", "functional"])("a %s model of Keras 3", (name) => {
  const { input, logits } = read(name, "expected.json") as Record<string, number[]>;
  const x = Float32Array.from(input!);

  it("predicts as in Keras, and so does what tfjs makes of it when it has been saved", async () => {
    const { model, parameters } = loadLayersModel(fixture(name));
    expectClose(predict(model, parameters, x), logits!);
    const directory = join(folder, name);
    saveLayersModel(directory, model, parameters);
    expectClose(await predictByTfjs(directory, model, x), logits!);
    const again = loadLayersModel(directory);
    expect(again.parameters).toEqual(parameters);
    expect(again.model.layers.map(({ parameters: each }) => each)).toEqual(
      model.layers.map(({ parameters: each }) =>
        each.map((tensor) =>
          // tfjs has no initialiser that is unknown here, and needs none beside the weights.
          typeof tensor.initial === "object" && tensor.initial.distribution === "none"
            ? expect.objectContaining({ name: tensor.name })
            : tensor,
        ),
      ),
    );
  });

  it("may have its weights apart, in Keras 3's or Keras 2's names", () => {
    const { model, parameters } = loadLayersModel(fixture(name));
    const specification = read(name, "model.json").modelTopology.model_config;
    const apart = parseModel(specification, { parameters: "given" });
    const names = (change: (each: string) => string) =>
      new Map(
        [...nameParameters(model, parameters)].map(([each, { shape, values }]) => {
          const bytes = new Uint8Array(values.slice().buffer);
          return [
            change(each.replace("depthwise_kernel", "kernel")),
            { dtype: "F32", shape, bytes },
          ];
        }),
      );
    for (const change of [(each: string) => `${model.name}/${each}`, (each: string) => `${each}:0`])
      expect(arrangeParameters(apart, names(change))).toEqual(parameters);
  });
});

describe("a LayersModel", () => {
  /** Its artifacts as tfjs gives them to a file handler. */
  async function artifactsOf(network: tfModule.LayersModel, config?: tfModule.io.SaveConfig) {
    let kept: tfModule.io.ModelArtifacts | undefined;
    await network.save(
      tf.io.withSaveHandler(async (artifacts) => {
        kept = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
      }),
      config,
    );
    return kept as tfModule.io.ModelArtifacts;
  }
  function write(artifacts: tfModule.io.ModelArtifacts, weights: unknown[], bytes: Uint8Array) {
    const directory = mkdtempSync(join(folder, "model-"));
    const { format, modelTopology, trainingConfig } = artifacts;
    const weightsManifest = [{ paths: ["weights.bin"], weights }];
    writeFileSync(join(directory, "weights.bin"), bytes);
    writeFileSync(
      join(directory, "model.json"),
      JSON.stringify({ format, modelTopology, trainingConfig, weightsManifest }),
    );
    return directory;
  }
  const input = random(3 * 4, 2);
  const build = () =>
    tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [4], units: 5, activation: "relu" }),
        tf.layers.dense({ units: 3 }),
      ],
    });
  const outputOf = (network: tfModule.LayersModel) =>
    tf.tidy(() =>
      (network.predict(tf.tensor(input, [3, 4])) as tfModule.Tensor).dataSync().slice(),
    ) as Float32Array;

  it("that was saved with its optimizer leaves the optimizer's weights out", async () => {
    const network = build();
    network.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
    await network.fit(tf.tensor(input, [3, 4]), tf.zeros([3, 3]), { epochs: 2, verbose: 0 });
    const artifacts = await artifactsOf(network, { includeOptimizer: true });
    const weights = artifacts.weightSpecs as tfModule.io.WeightsManifestEntry[];
    expect(weights.some(({ group, dtype }) => group === "optimizer" && dtype === "int32")).toBe(
      true,
    );
    const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join(artifacts.weightData));
    const { model, parameters } = loadLayersModel(write(artifacts, weights, bytes));
    expectClose(predict(model, parameters, input), outputOf(network), 5);
  });

  it.each(["uint8", "uint16", "float16"] as const)(
    "of %s is what tfjs makes of it",
    async (dtype) => {
      const artifacts = await artifactsOf(build());
      const codes = (index: number) =>
        // Halves of any sign and exponent, but no NaN and none infinite.
        dtype === "float16"
          ? (index * 7919) & 0xbbff
          : (index * 37) % (dtype === "uint8" ? 256 : 65536);
      const parts: Uint8Array[] = [];
      const weights = (artifacts.weightSpecs as tfModule.io.WeightsManifestEntry[]).map(
        (spec, at) => {
          const length = spec.shape.reduce((product, size) => product * size, 1);
          const values = Array.from({ length }, (_, index) => codes(index + at));
          parts.push(
            new Uint8Array(
              dtype === "uint8" ? Uint8Array.from(values) : Uint16Array.from(values).buffer,
            ),
          );
          const scaled = { dtype, scale: 0.01 / (at + 1), min: -1.5 };
          return { ...spec, quantization: dtype === "float16" ? { dtype } : scaled };
        },
      );
      const bytes = new Uint8Array(Buffer.concat(parts));
      const { model, parameters } = loadLayersModel(write(artifacts, weights, bytes));
      const theirs = tf.io.decodeWeights(
        bytes.buffer,
        weights as tfModule.io.WeightsManifestEntry[],
      );
      for (const [name, { values }] of nameParameters(model, parameters))
        expect([...values]).toEqual([...theirs[name]!.dataSync()]);
    },
  );

  it("of quantized weights that are none is refused by name", async () => {
    const artifacts = await artifactsOf(build());
    const [first, ...rest] = artifacts.weightSpecs as tfModule.io.WeightsManifestEntry[];
    for (const quantization of [
      { dtype: "uint8" },
      { dtype: "uint8", scale: -1, min: 0 },
      { dtype: "int4", scale: 1, min: 0 },
      8,
    ]) {
      const weights = [{ ...first, quantization }, ...rest];
      const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join(artifacts.weightData));
      expect(() => loadLayersModel(write(artifacts, weights, bytes))).toThrow(
        `quantization of weight ${first!.name}`,
      );
    }
  });

  it("with InstanceNormalization is loaded by tfjs once the class is registered", async () => {
    const layer = (class_name: string, config: object) => ({ class_name, config });
    const model = parseModel({
      class_name: "Sequential",
      config: {
        layers: [
          layer("InputLayer", { batch_input_shape: [null, 5, 4, 2] }),
          layer("InstanceNormalization", { name: "a", epsilon: 0.01 }),
          layer("Conv2D", { filters: 3, kernel_size: 2 }),
          layer("InstanceNormalization", { name: "b", scale: false }),
          layer("InstanceNormalization", { name: "c", center: false }),
          layer("Flatten", {}),
          layer("Dense", { units: 3 }),
        ],
      },
    });
    const parameters = random(model.parameterCount, 4);
    const directory = join(folder, "instance");
    saveLayersModel(directory, model, parameters);
    const x = random(2 * 40, 6);
    expect(tfjsNotices(model).join()).toContain("registerLayers(tf)");
    expect(tfjsNotices(loadLayersModel(fixture("functional")).model)).toEqual([]);
    registerLayers(tf as typeof tfModule);
    expectClose(await predictByTfjs(directory, model, x), predict(model, parameters, x));
  });
});
