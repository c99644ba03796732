import * as tfModule from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  cutStages,
  InputError,
  loadNativeRuntime,
  loadTfjsRuntime,
  parseModel,
  type Runtime,
} from "../src/index.js";

const tf = "default" in tfModule ? (tfModule.default as typeof tfModule) : tfModule;

function random(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

interface Entry {
  class_name: string;
  config: Record<string, unknown>;
}

/** Layers of one kind or a few, over shapes, windows, strides, paddings and activations. */
const specifications: fc.Arbitrary<{ layers: Entry[]; batch: number }> = fc
  .record({
    size: fc.tuple(fc.integer({ min: 4, max: 9 }), fc.integer({ min: 4, max: 9 })),
    channels: fc.integer({ min: 1, max: 18 }),
    filters: fc.integer({ min: 1, max: 18 }),
    kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    padding: fc.constantFrom("same", "valid"),
    activation: fc.constantFrom("linear", "relu"),
    bias: fc.boolean(),
    pool: fc.constantFrom("MaxPooling2D", "AveragePooling2D", null),
    poolPadding: fc.constantFrom("same", "valid"),
    head: fc.constantFrom("linear", "relu"),
    batch: fc.constantFrom(1, 2, 5),
  })
  .map((draw) => {
    const image = { batch_input_shape: [null, ...draw.size, draw.channels] };
    const convolution = {
      class_name: "Conv2D",
      config: {
        ...image,
        filters: draw.filters,
        kernel_size: draw.kernel,
        strides: draw.strides,
        padding: draw.padding,
        activation: draw.activation,
        use_bias: draw.bias,
      },
    };
    const pool = draw.pool && {
      class_name: draw.pool,
      config: { pool_size: [2, 2], strides: draw.strides, padding: draw.poolPadding },
    };
    const head = [
      { class_name: "Flatten", config: {} },
      { class_name: "Dense", config: { units: 6, activation: draw.head, use_bias: draw.bias } },
      { class_name: "Dense", config: { units: 3 } },
    ];
    return { layers: [convolution, ...(pool ? [pool] : []), ...head], batch: draw.batch };
  });

const model = (layers: Entry[]) =>
  parseModel({ class_name: "Sequential", config: { layers: structuredClone(layers) } });

/** Output, recomputed activations and all gradients of the model cut after `cut` layers. */
function passes(runtime: Runtime, layers: Entry[], batch: number, cut: number) {
  const stages = cutStages(model(layers), cut === 0 ? [0] : [0, cut]);
  let tensor = random(batch * stages[0]!.inputShape.reduce((a, b) => a * b, 1), 1);
  const runs = stages.map((stage) => {
    const program = runtime.compile(stage.layers, batch);
    const parameters = random(program.parameterCount, 2 + stage.index);
    const saved = new Uint8Array(program.savedBytes);
    const scratch = new Uint8Array(program.scratchBytes);
    const output = new Float32Array(batch * stage.outputShape.reduce((a, b) => a * b, 1));
    program.forward(parameters, tensor, saved, output, scratch);
    const recomputed = new Uint8Array(program.savedBytes);
    program.forward(parameters, tensor, recomputed, null, scratch);
    const input = tensor;
    tensor = output;
    return { program, parameters, input, saved: recomputed, output, scratch };
  });
  let outputGradient = random(tensor.length, 9);
  const gradients: Float32Array[] = [];
  for (const run of runs.reverse()) {
    const gradient = new Float32Array(run.program.parameterCount);
    const inputGradient = new Float32Array(run.input.length);
    run.program.backward(
      run.parameters,
      run.input,
      run.saved,
      outputGradient,
      inputGradient,
      gradient,
      run.scratch,
    );
    gradients.unshift(gradient);
    outputGradient = inputGradient;
  }
  return { output: tensor, inputGradient: outputGradient, gradients };
}

function expectClose(actual: Float32Array, expected: Float32Array, tolerance = 2e-4): void {
  expect(actual.length).toBe(expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  for (let i = 0; i < actual.length; i++)
    if (!(Math.abs(actual[i]! - expected[i]!) <= tolerance * scale))
      expect.fail(`${actual[i]} is not ${expected[i]} at ${i} (scale ${scale})`);
}

const native = await loadNativeRuntime().catch((error: Error) => {
  if (!(error instanceof InputError)) throw error;
  console.warn(`Native against tfjs is not tested: ${error.message}`);
  return null;
});

describe.each(["wasm", "cpu"] as const)("tfjs runtime on %s", (backend) => {
  let runtime: Runtime;
  beforeAll(async () => {
    runtime = await loadTfjsRuntime([backend]);
    expect(tf.getBackend()).toBe(backend);
  });

  it.skipIf(!native)("agrees with the native programs on any layer, wherever it is cut", () => {
    fc.assert(
      fc.property(specifications, fc.nat(), ({ layers, batch }, place) => {
        const cut = place % layers.length;
        const ours = passes(runtime, layers, batch, cut);
        const theirs = passes(native!, layers, batch, cut);
        expectClose(theirs.output, ours.output);
        expectClose(theirs.inputGradient, ours.inputGradient);
        ours.gradients.forEach((gradient, stage) => {
          expectClose(theirs.gradients[stage]!, gradient);
        });
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it("leaves no tensors behind", () => {
    const draw = fc.sample(specifications, { numRuns: 3, seed: 3 });
    for (const { layers, batch } of draw) passes(runtime, layers, batch, 1);
    const before = tf.memory().numTensors;
    for (const { layers, batch } of draw) passes(runtime, layers, batch, 1);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("tfjs runtime", () => {
  it("gives the gradients that tf.grads gives of the same layers", async () => {
    const runtime = await loadTfjsRuntime(["cpu"]);
    // The tape spreads the mean of a window over its padding too, which the forward leaves out.
    const averagesPadding = (layers: Entry[]) =>
      layers.some(
        ({ class_name, config }) => class_name === "AveragePooling2D" && config.padding === "same",
      );
    const drawn = specifications.filter(({ layers }) => !averagesPadding(layers));
    fc.assert(
      fc.property(drawn, ({ layers, batch }) => {
        const ours = passes(runtime, layers, batch, 0);
        const reference = tapeGradients(layers, batch);
        expectClose(ours.output, reference.output, 1e-5);
        expectClose(ours.inputGradient, reference.inputGradient, 1e-5);
        expectClose(ours.gradients[0]!, reference.gradient, 1e-5);
      }),
      { numRuns: 30, seed: 7 },
    );
  });

  it("says which backends it tried and what to install", async () => {
    await expect(loadTfjsRuntime([])).rejects.toThrow("install @tensorflow/tfjs-backend-wasm");
  });
});

/** The whole model on tfjs' own layers, differentiated by its tape. */
function tapeGradients(layers: Entry[], batch: number) {
  return tf.tidy(() => {
    const network = tf.sequential();
    const names: Record<string, (config: never) => tfModule.layers.Layer> = {
      Conv2D: tf.layers.conv2d,
      MaxPooling2D: tf.layers.maxPooling2d,
      AveragePooling2D: tf.layers.averagePooling2d,
      Flatten: tf.layers.flatten,
      Dense: tf.layers.dense,
    };
    for (const { class_name, config } of layers) {
      const camel = Object.fromEntries(
        Object.entries(config).map(([key, value]) => [
          key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
          value,
        ]),
      );
      network.add(names[class_name]!(camel as never));
    }
    const { parameterCount, inputShape } = model(layers);
    const values = random(parameterCount, 2);
    let offset = 0;
    network.setWeights(
      network.getWeights().map(({ shape, size }) => {
        offset += size;
        return tf.tensor(values.subarray(offset - size, offset), shape);
      }),
    );
    const input = tf.tensor(random(batch * inputShape.reduce((a, b) => a * b, 1), 1), [
      batch,
      ...inputShape,
    ]);
    const output = network.apply(input) as tfModule.Tensor;
    const weights = tf.tensor(random(output.size, 9), output.shape);
    const objective = (x: tfModule.Tensor) =>
      tf.sum(tf.mul(network.apply(x, { training: true }) as tfModule.Tensor, weights));
    const inputGradient = tf.grad(objective)(input);
    const { grads } = tf.variableGrads(() => objective(input) as tfModule.Scalar);
    const gradient = new Float32Array(parameterCount);
    offset = 0;
    for (const variable of network.trainableWeights) {
      const tensor = grads[variable.name]!;
      gradient.set(tensor.dataSync(), offset);
      offset += tensor.size;
    }
    const result = {
      output: output.dataSync().slice() as Float32Array,
      inputGradient: inputGradient.dataSync().slice() as Float32Array,
      gradient,
    };
    network.dispose();
    return result;
  });
}
