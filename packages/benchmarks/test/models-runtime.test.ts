import {
  InputError,
  type Model,
  builtInModels as models,
  parseModel,
  type Runtime,
} from "@ferret-ocl/pipeline";
import { loadNativeRuntime, loadTfjsRuntime } from "@ferret-ocl/pipeline/engine";
import * as tfModule from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { tfjsNodeProject } from "./tfjs-node-project.js";

const tf = "default" in tfModule ? (tfModule.default as typeof tfModule) : tfModule;

vi.setConfig({ testTimeout: 120_000 });

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

/** Largest difference as a share of the largest value of a vector. */
const tolerance = 1e-4;
/**
 * Length of the difference of two gradients as a share of the gradient's length. Where a value is
 * all but zero, rounding decides whether a rectifier is open, and with a few values a channel such
 * a gradient is another one in all layers before.
 */
const acrossRectifiers = 0.1;

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

function expectClose(actual: Float32Array, expected: Float32Array, what: string) {
  const most = (values: Float32Array) =>
    values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-9);
  const difference = actual.map((value, index) => value - (expected[index] as number));
  expect(most(difference) / most(expected), what).toBeLessThan(tolerance);
}

function expectNear(actual: Float32Array, expected: Float32Array, what: string) {
  const difference = actual.map((value, index) => value - (expected[index] as number));
  const norm = (values: Float32Array) =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  expect(norm(difference) / norm(expected), what).toBeLessThan(acrossRectifiers);
}

function predict(runtime: Runtime, model: Model): Float32Array {
  const prediction = new Float32Array(batch * classes);
  const program = runtime.compile(model.layers, batch, "predict");
  const input = random(batch * count(model.inputShape), 2);
  const { flat } = parametersOf(model);
  program.forward(flat, input, null, prediction, new Uint8Array(program.scratchBytes));
  program.dispose();
  return prediction;
}

/** Prediction, output while learning, and all gradients of a whole model as one stage. */
function passes(runtime: Runtime, model: Model) {
  const { flat } = parametersOf(model);
  const input = random(batch * count(model.inputShape), 2);
  const program = runtime.compile(model.layers, batch);
  const saved = new Uint8Array(program.savedBytes);
  const scratch = new Uint8Array(program.scratchBytes);
  const output = new Float32Array(batch * classes);
  program.forward(flat, input, saved, output, scratch);
  const gradient = new Float32Array(flat.length);
  const inputGradient = new Float32Array(input.length);
  program.backward(flat, input, saved, random(output.length, 3), inputGradient, gradient, scratch);
  program.dispose();
  return { prediction: predict(runtime, model), output, inputGradient, gradient };
}

const native = await loadNativeRuntime().catch((error: Error) => {
  if (!(error instanceof InputError)) throw error;
  return null;
});

const node = tfjsNodeProject === null ? null : await loadNode(tfjsNodeProject);

function loadNode(project: string): Promise<Runtime> {
  vi.stubEnv("FERRET_TFJS_NODE", project);
  return loadTfjsRuntime(["node"]);
}

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
    expectClose(predict(tfjs, model), expected, "prediction");
  });

  const known = new Map<Runtime, ReturnType<typeof passes>>();
  /** Once for each runtime: on wasm they take seconds. */
  const passesOn = (runtime: Runtime) => {
    const made = known.get(runtime) ?? passes(runtime, model);
    known.set(runtime, made);
    return made;
  };

  it.skipIf(!native)("gives the same natively as on tfjs", () => {
    const ours = passesOn(native as Runtime);
    const theirs = passesOn(tfjs);
    expectClose(ours.prediction, theirs.prediction, "prediction");
    expectClose(ours.output, theirs.output, "output");
    expectNear(ours.inputGradient, theirs.inputGradient, "input gradient");
    expectNear(ours.gradient, theirs.gradient, "gradient");
  });

  it.skipIf(!node)("gives the same on TensorFlow as on wasm and natively", () => {
    const ours = passesOn(node as Runtime);
    for (const runtime of [tfjs, ...(native ? [native] : [])]) {
      const theirs = passesOn(runtime);
      expectClose(ours.prediction, theirs.prediction, `prediction, ${runtime.name}`);
      expectClose(ours.output, theirs.output, `output, ${runtime.name}`);
      expectNear(ours.inputGradient, theirs.inputGradient, `input gradient, ${runtime.name}`);
      expectNear(ours.gradient, theirs.gradient, `gradient, ${runtime.name}`);
    }
  });

  // The other stem pads behind a rectifier, and so cannot do without it.
  it.skipIf(!native || inputShape[0] > 64)("does so to rounding without its rectifiers", () => {
    const smooth = parseModel(withoutRectifiers(specification));
    const ours = passes(native as Runtime, smooth);
    for (const runtime of [tfjs, ...(node ? [node] : [])]) {
      const theirs = passes(runtime, smooth);
      for (const key of Object.keys(ours) as (keyof typeof ours)[])
        expectClose(ours[key], theirs[key], `${key}, ${runtime.description}`);
    }
  });
});

/** The same model with linear activations. */
function withoutRectifiers(specification: unknown): unknown {
  return JSON.parse(JSON.stringify(specification), (_, value) => {
    if (value?.class_name === "ReLU")
      return {
        ...value,
        class_name: "Activation",
        config: { ...value.config, activation: "linear" },
      };
    return value?.activation === "relu" ? { ...value, activation: "linear" } : value;
  });
}
