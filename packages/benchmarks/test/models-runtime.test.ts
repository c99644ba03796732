import {
  InputError,
  loadNativeRuntime,
  loadTfjsRuntime,
  type Model,
  parseModel,
  type Runtime,
} from "@ferret-ocl/pipeline";
import * as tfModule from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { models } from "../src/models/registry.js";

const tf = "default" in tfModule ? (tfModule.default as typeof tfModule) : tfModule;

/** Small images, and one that is large enough for resnet18's other stem. */
const cases = [
  ["mlp", [20]],
  ["mnistnet", [12, 12, 1]],
  ["convnet", [16, 16, 3]],
  ["resnet18", [16, 16, 3]],
  ["resnet18", [68, 66, 3]],
  ["mobilenet", [32, 32, 3]],
] as const;
const [batch, classes] = [2, 5];

/**
 * Largest difference as a share of the largest value of a vector. Up to 27 normalisations over few
 * values one after the other make much of how floats are rounded.
 */
const betweenRuntimes = 5e-3;
const predictionTolerance = 1e-4;

const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

function random(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

/** Kernels of unit gain, so that values neither vanish nor explode on their way. */
function parametersOf(model: Model): { flat: Float32Array; byName: Map<string, Float32Array> } {
  const flat = new Float32Array(model.parameterCount);
  const byName = new Map<string, Float32Array>();
  let offset = 0;
  for (const { name, shape, initial } of model.layers.flatMap(({ parameters }) => parameters)) {
    const values = flat.subarray(offset, offset + count(shape));
    const isKernel = typeof initial !== "number";
    const gain = isKernel ? Math.sqrt(24 / count(shape.slice(0, -1))) : 0.4;
    random(values.length, 1 + offset).forEach((value, index) => {
      values[index] = value * gain + (isKernel ? 0 : initial);
    });
    byName.set(name, values);
    offset += values.length;
  }
  return { flat, byName };
}

function expectClose(
  actual: Float32Array,
  expected: Float32Array,
  tolerance: number,
  what: string,
) {
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  const worst = actual.reduce(
    (most, value, index) => Math.max(most, Math.abs(value - (expected[index] as number))),
    0,
  );
  expect(worst / scale, what).toBeLessThan(tolerance);
}

/** Prediction, output while learning, and all gradients of a whole model as one stage. */
function passes(runtime: Runtime, model: Model) {
  const { flat } = parametersOf(model);
  const input = random(batch * count(model.inputShape), 2);
  const prediction = new Float32Array(batch * classes);
  const predictor = runtime.compile(model.layers, batch, "predict");
  predictor.forward(flat, input, null, prediction, new Uint8Array(predictor.scratchBytes));
  predictor.dispose();
  const program = runtime.compile(model.layers, batch);
  const saved = new Uint8Array(program.savedBytes);
  const scratch = new Uint8Array(program.scratchBytes);
  const output = new Float32Array(batch * classes);
  program.forward(flat, input, saved, output, scratch);
  const gradient = new Float32Array(flat.length);
  const inputGradient = new Float32Array(input.length);
  program.backward(flat, input, saved, random(output.length, 3), inputGradient, gradient, scratch);
  program.dispose();
  return { prediction, output, inputGradient, gradient };
}

const native = await loadNativeRuntime().catch((error: Error) => {
  if (!(error instanceof InputError)) throw error;
  return null;
});

describe.each(cases)("%s on %j", (name, inputShape) => {
  const specification = models[name]?.(inputShape, classes);
  const model = parseModel(specification);
  let tfjs: Runtime;
  beforeAll(async () => {
    tfjs = await loadTfjsRuntime(["wasm"]);
  });

  it.skipIf(name === "convnet")("predicts on tfjs programs as tfjs' own layers do", async () => {
    const network = await tf.models.modelFromJSON({ modelTopology: specification } as never);
    const { byName } = parametersOf(model);
    const expected = tf.tidy(() => {
      network.setWeights(
        network.weights.map(({ originalName, shape }) =>
          tf.tensor(byName.get(originalName) as Float32Array, shape as number[]),
        ),
      );
      const input = tf.tensor(random(batch * count(inputShape), 2), [batch, ...inputShape]);
      return (network.predict(input) as tfModule.Tensor).dataSync().slice() as Float32Array;
    });
    network.dispose();
    expectClose(passes(tfjs, model).prediction, expected, predictionTolerance, "prediction");
  });

  it("gives the same natively as on tfjs", ({ skip }) => {
    let ours: ReturnType<typeof passes> | null = null;
    try {
      ours = native && passes(native, model);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
    if (!ours) return skip("the native programs cannot run it");
    const theirs = passes(tfjs, model);
    for (const key of Object.keys(ours) as (keyof typeof ours)[])
      expectClose(ours[key], theirs[key], betweenRuntimes, key);
  });
});
