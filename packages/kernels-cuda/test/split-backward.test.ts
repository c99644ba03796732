import { describe, expect, it } from "vitest";
import type { NativeStageLayer } from "../src/index.js";
import { manyRows, stages, wideConvolutions } from "./layers.js";
import { guarded, programs, setUp } from "./stage-buffers.js";

/** Both gradients, by one pass or by two. */
type Gradients = { readonly parameters: Float32Array; readonly input: Float32Array | null };

/** Whether two arrays agree in every bit. */
const areSame = (a: Float32Array | Uint8Array, b: Float32Array | Uint8Array) =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  );

function inOnePass(layers: readonly NativeStageLayer[], batch: number): Gradients {
  const { program, buffers } = setUp(layers, batch);
  const { parameters, input, saved, output, outputGradient, scratch } = buffers;
  program.forward(parameters.array, input.array, saved.array, output.array, scratch.array);
  program.backward(
    parameters.array,
    input.array,
    saved.array,
    outputGradient.array,
    buffers.inputGradient.array,
    buffers.gradient.array,
    scratch.array,
  );
  return { parameters: buffers.gradient.array, input: buffers.inputGradient.array };
}

/** Between the two, all that the second pass has no business to read is spoiled. */
function inTwoPasses(
  layers: readonly NativeStageLayer[],
  batch: number,
  into: "a buffer of its own" | "the input" | "nothing",
): Gradients {
  const { program, buffers } = setUp(layers, batch);
  const { parameters, input, saved, output, pending, scratch, gradient } = buffers;
  program.forward(parameters.array, input.array, saved.array, output.array, scratch.array);
  const targets = {
    "a buffer of its own": buffers.inputGradient.array,
    "the input": input.array,
    nothing: null,
  };
  const target = targets[into];
  scratch.array.fill(0xff);
  program.backwardInput(
    parameters.array,
    input.array,
    saved.array,
    buffers.outputGradient.array,
    target,
    pending.array,
    scratch.array,
  );
  const inputGradient = target?.slice() ?? null;
  for (const { array } of [parameters, input, output, buffers.outputGradient]) array.fill(NaN);
  scratch.array.fill(0xff);
  const kept = [saved, pending].map(({ array }) => array.slice());
  for (let time = 0; time < 2; time++) {
    gradient.array.fill(NaN);
    program.backwardWeights(saved.array, pending.array, gradient.array, scratch.array);
  }
  expect(areSame(saved.array, kept[0]!) && areSame(pending.array, kept[1]!)).toBe(true);
  for (const [name, { intact }] of Object.entries(buffers)) expect(intact(), name).toBe(true);
  return { parameters: gradient.array, input: inputGradient };
}

describe.skipIf(!programs).each([
  [1, stages],
  [16, stages],
  [1, wideConvolutions],
  [16, wideConvolutions],
  [1, manyRows],
  [130, manyRows],
] as const)("a backward pass in two, batch %i", (batch, list) => {
  it.each(list)("%s: gives what one pass gives, bit for bit", (_, layers) => {
    const expected = inOnePass(layers, batch);
    for (const into of ["a buffer of its own", "the input", "nothing"] as const) {
      const found = inTwoPasses(layers, batch, into);
      expect(areSame(found.parameters, expected.parameters), into).toBe(true);
      if (found.input) expect(areSame(found.input, expected.input!), into).toBe(true);
    }
  });
});

describe.skipIf(!programs)("the bytes kept from one pass to the other", () => {
  const kept = (layers: readonly NativeStageLayer[], batch: number, mode?: "predict") =>
    programs!.compile(layers, batch, mode).pendingBytes;
  const named = (name: string) => stages.find(([each]) => each === name)![1];

  it("are the input and one gradient for each layer with weights", () => {
    // 6 inputs, then 5 and 3 units, at batch 4: floats in whole lines of 64 bytes.
    expect(kept(named("dense without bias"), 4)).toBe(128 + 128 + 64);
  });

  it("are the few gradients of a normalisation itself, and the input of a stage that begins so", () => {
    // Gradients at gamma, beta and both moving statistics of 18 channels, images of 5 x 4 x 18.
    const few = Math.ceil((4 * 4 * 18) / 64) * 64;
    expect(kept(named("batchNormalization"), 4)).toBe(4 * 4 * 5 * 4 * 18 + few);
    expect(kept(named("flat batchNormalization"), 4)).toBe(64 + 320 + 320);
  });

  it("are none without parameters, and none in a program to predict", () => {
    expect(kept(named("maxPooling2d"), 4)).toBe(0);
    expect(kept(named("dense"), 4, "predict")).toBe(0);
  });

  it("must all be there", () => {
    const { program, buffers } = setUp(named("dense"), 2);
    const { saved, gradient, scratch } = buffers;
    const short = guarded<Uint8Array>("bytes", program.pendingBytes - 1).array;
    expect(() =>
      program.backwardWeights(saved.array, short, gradient.array, scratch.array),
    ).toThrow(`Expected at least ${program.pendingBytes} bytes for pending`);
  });
});
