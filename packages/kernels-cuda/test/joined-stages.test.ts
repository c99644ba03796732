import { describe, expect, it } from "vitest";
import type { NativeStageLayer } from "../src/index.js";
import { stages } from "./layers.js";
import { programs, random, setUp } from "./stage-buffers.js";

type Pass = { readonly parameters: Float32Array; readonly input: Float32Array };

const sameBits = (a: Float32Array, b: Float32Array) =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  );

/** Layers in stages cut at `cuts`, forward and then backward from the same gradient. */
function run(layers: readonly NativeStageLayer[], cuts: readonly number[], batch: number): Pass {
  const whole = setUp(layers, batch);
  let offset = 0;
  let input = whole.buffers.input.array;
  const parts = cuts.map((start, index) => {
    const { program, buffers } = setUp(layers.slice(start, cuts[index + 1]), batch);
    const end = offset + program.parameterCount;
    buffers.parameters.array.set(whole.buffers.parameters.array.subarray(offset, end));
    offset = end;
    const { parameters, saved, output, scratch } = buffers;
    buffers.input.array.set(input);
    program.forward(parameters.array, input, saved.array, output.array, scratch.array);
    // As a recomputation writes them, without the output.
    saved.array.fill(0xff);
    scratch.array.fill(0xff);
    program.forward(parameters.array, input, saved.array, null, scratch.array);
    input = output.array.slice();
    return { program, buffers };
  });
  let gradient = random(input.length, 3);
  for (const { program, buffers } of [...parts].reverse()) {
    program.backward(
      buffers.parameters.array,
      buffers.input.array,
      buffers.saved.array,
      gradient,
      buffers.inputGradient.array,
      buffers.gradient.array,
      buffers.scratch.array,
    );
    for (const [name, { intact }] of Object.entries(buffers)) expect(intact(), name).toBe(true);
    gradient = buffers.inputGradient.array.slice();
  }
  const gradients = parts.map(({ buffers }) => [...buffers.gradient.array]);
  return { parameters: Float32Array.from(gradients.flat()), input: gradient };
}

// A stage keeps less than its layers do by themselves: masks at their ends, and what they read.
describe.skipIf(!programs).each([1, 3])("layers in one stage, batch %i", (batch) => {
  const chains = stages.filter(([, layers]) => layers.length > 1);
  it.each(chains)("%s: give what they give in stages of their own, bit for bit", (_, layers) => {
    const places = layers.map((_, index) => index);
    const expected = run(layers, places, batch);
    for (const cuts of [[0], ...places.slice(1).map((place) => [0, place])]) {
      const found = run(layers, cuts, batch);
      expect(sameBits(found.parameters, expected.parameters), `cut at ${cuts}`).toBe(true);
      expect(sameBits(found.input, expected.input), `cut at ${cuts}`).toBe(true);
    }
  });
});
