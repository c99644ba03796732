import { describe, expect, it } from "vitest";
import { stages, wideConvolutions } from "./layers.js";
import { programs, setUp } from "./stage-buffers.js";

const rate = 0.3;

/** What a pass is spoiled with, if with anything, and where. */
const spoils = [
  ["nothing", null, 0],
  ["a gradient that is no number", "outputGradient", Number.NaN],
  ["an infinite gradient", "outputGradient", Number.POSITIVE_INFINITY],
  ["an input that is no number", "input", Number.NaN],
  ["an infinite input", "input", Number.NEGATIVE_INFINITY],
  ["an input near the end of the range", "input", 3e38],
] as const;

const largest = (values: Float32Array) =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0); // NaN where one is

describe.skipIf(!programs).each([
  [1, stages],
  [3, [...stages, ...wideConvolutions]],
] as const)("gradients at batch %i", (batch, list) => {
  it.each(list)("%s: are bounded by what is told, and make no bad update", (_, layers) => {
    const { program, buffers } = setUp(layers, batch);
    const pristine = Object.values(buffers).map(({ array }) => array.slice());
    for (const [name, spoiled, value] of spoils) {
      Object.values(buffers).forEach(({ array }, index) => {
        array.set(pristine[index]!);
      });
      const { parameters, input, saved, output, scratch, gradient, pending } = buffers;
      const outputGradient = buffers.outputGradient.array;
      if (spoiled) buffers[spoiled].array[1] = value;
      const kept = outputGradient.slice();
      program.forward(parameters.array, input.array, saved.array, output.array, scratch.array);
      const head = [parameters.array, input.array, saved.array, outputGradient, null] as const;
      const bound = program.backward(...head, gradient.array, scratch.array);
      const most = largest(gradient.array);
      // One that is no number must not be told to be admissible, nor be called larger than it is.
      if (most <= 1e17) expect(bound).toBeGreaterThanOrEqual(most * (1 - 1e-5));
      else if (!(most <= 1e18)) expect(bound).toBe(Number.POSITIVE_INFINITY);
      if (spoiled === null) expect(bound).toBeLessThan(1e5);

      outputGradient.set(kept);
      program.backwardInput(...head, pending.array, scratch.array);
      const weights = gradient.array.slice();
      const apart = program.backwardWeights(saved.array, pending.array, weights, scratch.array);
      if (most <= 1e17) expect(apart).toBeGreaterThanOrEqual(most * (1 - 1e-5));
      else if (!(most <= 1e18)) expect(apart).toBe(Number.POSITIVE_INFINITY);

      outputGradient.set(kept);
      const before = parameters.array.slice();
      const stepped = program.backwardUpdate(
        ...head,
        parameters.array,
        parameters.array,
        rate,
        scratch.array,
      );
      expect(parameters.array.every(Number.isFinite)).toBe(true);
      if (stepped <= 1e18) expect(most).toBeLessThanOrEqual(1e18);
      // Layers are left out as a whole.
      const touched = parameters.array.filter(
        (weight, place) => weight !== before[place] && !Number.isFinite(gradient.array[place]),
      );
      expect(touched).toEqual(new Float32Array(0));
      if (spoiled === "input") {
        expect(stepped).toBe(Number.POSITIVE_INFINITY);
        expect(parameters.array).toEqual(before);
      }
      for (const [which, { intact }] of Object.entries(buffers))
        expect(intact(), `${which} after ${name}`).toBe(true);
    }
  });
});

it.skipIf(!programs)("a step that is too long is refused like a gradient that is", () => {
  const [, layers] = stages.find(([name]) => name.startsWith("dense"))!;
  const { program, buffers } = setUp(layers, 2);
  const { parameters, input, saved, output, scratch, outputGradient } = buffers;
  program.forward(parameters.array, input.array, saved.array, output.array, scratch.array);
  const before = parameters.array.slice();
  const step = (learningRate: number) =>
    program.backwardUpdate(
      parameters.array,
      input.array,
      saved.array,
      outputGradient.array.slice(),
      null,
      parameters.array,
      parameters.array,
      learningRate,
      scratch.array,
    );
  expect(step(1e25)).toBe(Number.POSITIVE_INFINITY);
  expect(parameters.array).toEqual(before);
  expect(step(0.1)).toBeLessThan(1e5);
  expect(parameters.array).not.toEqual(before);
});
