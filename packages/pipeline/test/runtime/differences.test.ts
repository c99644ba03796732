import { describe, expect, it } from "vitest";
import { loadNativeRuntime, loadTfjsRuntime } from "../../src/engine.js";
import { InputError, type Layer, parseModel, type StageProgram } from "../../src/index.js";
import type { Entry } from "./runtime-cases.js";
import { count, random, randomParameters } from "./runtime-passes.js";

const batch = 3;
const image = [5, 4, 3];

function sequential(...layers: Entry[]): readonly Layer[] {
  const input = { class_name: "InputLayer", config: { batch_input_shape: [null, ...image] } };
  const flat = { class_name: "Flatten", config: {} };
  return parseModel({
    class_name: "Sequential",
    config: { layers: [input, ...layers, flat] },
  }).layers;
}

const norm = { class_name: "BatchNormalization", config: { scale: false, epsilon: 0.01 } };
const depthwise = (strides: number) => ({
  class_name: "DepthwiseConv2D",
  config: { kernel_size: 3, strides, padding: "same" },
});
/** Smooth layers: a difference across a bend of an activation would tell nothing. */
const cases: Readonly<Record<string, readonly Layer[]>> = {
  "batch normalisation without gamma": sequential(norm),
  "instance normalisation": sequential({ class_name: "InstanceNormalization", config: {} }),
  "depthwise convolution": sequential(depthwise(2)),
  "group normalisation": sequential({
    class_name: "GroupNormalization",
    config: { groups: 3, center: false },
  }),
  "group normalisation of one group": sequential({
    class_name: "GroupNormalization",
    config: { groups: 1 },
  }),
  "layer normalisation": sequential({ class_name: "LayerNormalization", config: {} }),
  "convolutions with gaps, in groups, separable": sequential(
    {
      class_name: "Conv2D",
      config: { filters: 6, kernel_size: 2, dilation_rate: [2, 1], groups: 3 },
    },
    {
      class_name: "DepthwiseConv2D",
      config: { kernel_size: 2, dilation_rate: 2, padding: "same", depth_multiplier: 2 },
    },
    { class_name: "SeparableConv2D", config: { filters: 4, kernel_size: 2, padding: "same" } },
    { class_name: "LayerNormalization", config: { scale: false } },
  ),
  "smooth activations": sequential(
    { class_name: "Conv2D", config: { filters: 4, kernel_size: 2, activation: "tanh" } },
    { class_name: "Conv2D", config: { filters: 4, kernel_size: 2, activation: "gelu" } },
    { class_name: "Conv2D", config: { filters: 3, kernel_size: 1, activation: "sigmoid" } },
    { class_name: "Activation", config: { activation: "gelu" } },
    { class_name: "AveragePooling2D", config: { strides: 1 } },
    // As smooth as its first derivative is.
    { class_name: "Activation", config: { activation: "elu" } },
  ),
  "a chain of them": sequential(depthwise(1), norm, {
    class_name: "Conv2D",
    config: { filters: 4, kernel_size: [2, 3], strides: [2, 1] },
  }),
};

const runtimes = [
  await loadTfjsRuntime(["cpu"]),
  ...(await loadNativeRuntime().then(
    (runtime) => [runtime],
    (error: Error) => {
      if (!(error instanceof InputError)) throw error;
      return [];
    },
  )),
];

describe.each(runtimes)("finite differences on $name", (runtime) => {
  it.for(Object.entries(cases))("of %s", ([, layers], { skip }) => {
    const program = compile(layers);
    if (!program) skip("the native programs have no such layer");
    else expectDerivatives(program, layers);
  });

  function compile(layers: readonly Layer[]): StageProgram | null {
    try {
      return runtime.compile(layers, batch);
    } catch (error) {
      if (error instanceof InputError) return null;
      throw error;
    }
  }
});

/** The slope of a weighted sum of the outputs, along random directions of parameters and input. */
function expectDerivatives(program: StageProgram, layers: readonly Layer[]): void {
  const outputCount = batch * count(layers[layers.length - 1]!.outputShape);
  const parameters = randomParameters(layers, 1);
  const input = random(batch * count(image), 2);
  const weights = random(outputCount, 3);
  const saved = new Uint8Array(program.savedBytes);
  const scratch = new Uint8Array(program.scratchBytes);
  const output = new Float32Array(outputCount);
  const objective = (p: Float32Array, x: Float32Array) => {
    program.forward(p, x, saved, output, scratch);
    return dot(output, weights);
  };
  objective(parameters, input);
  const gradient = new Float32Array(parameters.length);
  const inputGradient = new Float32Array(input.length);
  program.backward(parameters, input, saved, weights.slice(), inputGradient, gradient, scratch);

  const step = 1e-2;
  for (let seed = 10; seed < 14; seed++) {
    const alongParameters = withoutStatistics(layers, random(parameters.length, seed));
    const alongInput = random(input.length, seed + 100);
    const at = (distance: number) =>
      objective(
        parameters.map((value, i) => value + distance * alongParameters[i]!),
        input.map((value, i) => value + distance * alongInput[i]!),
      );
    const slope = (at(step) - at(-step)) / (2 * step);
    const derivative = dot(gradient, alongParameters) + dot(inputGradient, alongInput);
    expect(Math.abs(slope - derivative)).toBeLessThan(2e-3 * Math.max(1, Math.abs(slope)));
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

/** No loss is differentiated by moving statistics. */
function withoutStatistics(layers: readonly Layer[], direction: Float32Array): Float32Array {
  let offset = 0;
  for (const { shape, momentum } of layers.flatMap(({ parameters }) => parameters)) {
    const end = offset + count(shape);
    if (momentum !== undefined) direction.fill(0, offset, end);
    offset = end;
  }
  return direction;
}
