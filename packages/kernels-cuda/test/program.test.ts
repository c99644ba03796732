import { describe, expect, it } from "vitest";
import { loadKernels, type NativeStageLayer } from "../src/index.js";

const { programs, report } = loadKernels();
if (!programs) console.warn(`Stage programs are not tested: ${JSON.stringify(report.rejected)}`);

const dense = (inputs: number, units: number, relu: boolean): NativeStageLayer => ({
  kind: "dense",
  inputShape: [inputs],
  outputShape: [units],
  bias: true,
  activation: relu ? "relu" : "linear",
});
const image: NativeStageLayer[] = [
  {
    kind: "conv2d",
    inputShape: [9, 9, 2],
    outputShape: [7, 7, 20],
    kernel: [3, 3],
    bias: true,
  },
  {
    kind: "averagePooling2d",
    inputShape: [7, 7, 20],
    outputShape: [3, 3, 20],
    kernel: [2, 2],
    strides: [2, 2],
  },
  { kind: "flatten", inputShape: [3, 3, 20], outputShape: [180] },
  dense(180, 4, false),
];

function random(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

describe.skipIf(!programs)("stage programs", () => {
  const compile = (layers: NativeStageLayer[], batch: number) => {
    const program = programs!.compile(layers, batch);
    return {
      program,
      parameters: random(program.parameterCount, 1),
      input: random(program.inputCount, 2),
      saved: new Uint8Array(program.savedBytes),
      output: new Float32Array(program.outputCount),
      scratch: new Uint8Array(program.scratchBytes),
    };
  };

  it("compute a dense layer as the formula says", () => {
    const { program, parameters, input, saved, output, scratch } = compile([dense(3, 2, true)], 2);
    program.forward(parameters, input, saved, output, scratch);
    for (let row = 0; row < 2; row++)
      for (let unit = 0; unit < 2; unit++) {
        let sum = parameters[6 + unit]!;
        for (let i = 0; i < 3; i++) sum += input[row * 3 + i]! * parameters[i * 2 + unit]!;
        expect(output[row * 2 + unit]).toBeCloseTo(Math.max(0, sum), 6);
      }
  });

  // No rectifier here: central differences of a piecewise linear function are exact but at kinks.
  it.each([
    ["perceptron", [dense(6, 5, false), dense(5, 3, false)], 3],
    ["small image network", image, 1],
    ["small image network", image, 4],
  ] as const)("agree with finite differences: %s", (_, layers, batch) => {
    const { program, parameters, input, saved, output, scratch } = compile([...layers], batch);
    const weights = random(program.outputCount, 3);
    const objective = () => {
      program.forward(parameters, input, null, output, scratch);
      return output.reduce((sum, value, index) => sum + value * weights[index]!, 0);
    };
    program.forward(parameters, input, saved, output, scratch);
    const inputGradient = new Float32Array(program.inputCount);
    const gradient = new Float32Array(program.parameterCount);
    program.backward(parameters, input, saved, weights.slice(), inputGradient, gradient, scratch);
    for (const [values, gradients] of [
      [parameters, gradient],
      [input, inputGradient],
    ] as const)
      for (let index = 0; index < values.length; index += Math.ceil(values.length / 40)) {
        const kept = values[index]!;
        values[index] = kept + 0.25;
        const above = objective();
        values[index] = kept - 0.25;
        const below = objective();
        values[index] = kept;
        expect(gradients[index]).toBeCloseTo((above - below) / 0.5, 3);
      }
  });

  it("give the same gradients into the input's own buffer, and without an input gradient", () => {
    const { program, parameters, input, saved, output, scratch } = compile(image, 2);
    program.forward(parameters, input, saved, output, scratch);
    const run = (target: Float32Array | null, source: Float32Array) => {
      const gradient = new Float32Array(program.parameterCount);
      const outputGradient = random(program.outputCount, 3);
      program.backward(parameters, source, saved, outputGradient, target, gradient, scratch);
      return gradient;
    };
    const apart = new Float32Array(input.length);
    const expected = run(apart, input);
    expect(run(null, input)).toEqual(expected);
    const shared = input.slice();
    expect(run(shared, shared)).toEqual(expected);
    expect(shared).toEqual(apart);
  });

  it("recompute the same saved activations without an output", () => {
    const { program, parameters, input, saved, output, scratch } = compile(
      [dense(6, 5, true), dense(5, 3, true)],
      4,
    );
    program.forward(parameters, input, saved, output, scratch);
    const again = new Uint8Array(saved.length);
    program.forward(parameters, input, again, null, scratch);
    expect(again).toEqual(saved);
  });

  it("refuse buffers that are too short, by name and size", () => {
    const { program, parameters, input, saved, output, scratch } = compile([dense(6, 5, true)], 4);
    expect(() => program.forward(parameters, input.subarray(1), saved, output, scratch)).toThrow(
      "Expected at least 96 bytes for input but received 92",
    );
    expect(() => program.forward(parameters, input, null, null, scratch)).toThrow(
      "Expected saved or output",
    );
    expect(() => programs!.compile([], 1)).toThrow("at least one layer");
  });
});
