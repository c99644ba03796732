import { describe, expect, it } from "vitest";
import type { NativeStageLayer } from "../src/index.js";
import { manyRows, stages, wideConvolutions } from "./layers.js";
import { naiveForward, parameterCount } from "./naive-layers.js";
import { guarded, programs, random, setUp } from "./stage-buffers.js";

function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  name: string,
): void {
  let scale = 1e-2;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]!));
  for (let i = 0; i < expected.length; i++)
    if (!(Math.abs(actual[i]! - expected[i]!) <= tolerance * scale))
      expect.fail(`${name}[${i}] is ${actual[i]}, not ${expected[i]} (scale ${scale})`);
}

describe.skipIf(!programs).each([
  [1, stages],
  [2, stages],
  [17, stages],
  [3, wideConvolutions],
  [130, manyRows],
] as const)("layer kinds at batch %i", (batch, list) => {
  it.each(list)("%s: forward by the definition", (_, layers) => {
    const { program, buffers } = setUp(layers, batch);
    const { parameters, input, saved, output, scratch } = buffers;
    const expected = naiveForward(layers, parameters.array, Float64Array.from(input.array), batch);
    expect(program.parameterCount).toBe(layers.map(parameterCount).reduce((a, b) => a + b, 0));
    program.forward(parameters.array, input.array, saved.array, output.array, scratch.array);
    expectClose(output.array, expected, 2e-5, "output");

    const withSaved = output.array.slice();
    output.array.fill(NaN);
    scratch.array.fill(0xff);
    program.forward(parameters.array, input.array, null, output.array, scratch.array);
    expect(output.array).toEqual(withSaved);

    const predictor = programs!.compile(layers, batch, "predict");
    expect(predictor.savedBytes).toBe(0);
    expect(predictor.scratchBytes).toBeLessThanOrEqual(program.scratchBytes);
    predictor.forward(parameters.array, input.array, null, output.array, scratch.array);
    const predicted = naiveForward(
      layers,
      parameters.array,
      Float64Array.from(input.array),
      batch,
      "predict",
    );
    expectClose(output.array, predicted, 2e-5, "prediction");
    for (const [name, { intact }] of Object.entries(buffers)) expect(intact(), name).toBe(true);
  });

  it.each(list)("%s: gradients by central differences of the definition", (_, layers) => {
    const { program, buffers } = setUp(layers, batch);
    const { parameters, input, saved, output, scratch, inputGradient, gradient } = buffers;
    program.forward(parameters.array, input.array, saved.array, output.array, scratch.array);
    const weights = buffers.outputGradient.array.slice();
    program.backward(
      parameters.array,
      input.array,
      saved.array,
      buffers.outputGradient.array,
      inputGradient.array,
      gradient.array,
      scratch.array,
    );
    for (const [name, { intact }] of Object.entries(buffers)) expect(intact(), name).toBe(true);

    const values = Float64Array.from(parameters.array);
    const inputs = Float64Array.from(input.array);
    const objective = () =>
      naiveForward(layers, values, inputs, batch).reduce((sum, y, i) => sum + y * weights[i]!, 0);
    const moving = movingPlaces(layers);
    const check = (name: string, target: Float64Array, gradients: Float32Array) => {
      const places = Array.from(target.keys()).filter(
        (place) => !(name === "parameters" && moving.has(place)),
      );
      const step = Math.ceil(places.length / (batch > 2 ? 8 : 25));
      const chosen = places.filter((_, index) => index % step === 0);
      const expected = chosen.map((place) => {
        const kept = target[place]!;
        target[place] = kept + 1e-6;
        const above = objective();
        target[place] = kept - 1e-6;
        const below = objective();
        target[place] = kept;
        return (above - below) / 2e-6;
      });
      expectClose(
        chosen.map((place) => gradients[place]!),
        expected,
        2e-4,
        name,
      );
    };
    check("parameters", values, gradient.array);
    check("input", inputs, inputGradient.array);
  });

  it.each(list)("%s: a fused update is a backward pass and a step", (_, layers) => {
    const { program, buffers } = setUp(layers, batch);
    const { parameters, input, saved, output, scratch, inputGradient, gradient } = buffers;
    program.forward(parameters.array, input.array, saved.array, output.array, scratch.array);
    const outputGradient = buffers.outputGradient.array;
    const kept = outputGradient.slice();
    program.backward(
      parameters.array,
      input.array,
      saved.array,
      outputGradient,
      inputGradient.array,
      gradient.array,
      scratch.array,
    );
    const rates = new Float32Array(program.parameterCount).fill(0.3);
    for (const [place, rate] of movingPlaces(layers)) rates[place] = rate;
    const step = (source: Float32Array) =>
      source.map((value, i) => value - rates[i]! * gradient.array[i]!);

    const apart = random(program.parameterCount, 5);
    const expectedApart = step(apart);
    const expectedInPlace = step(parameters.array);
    const update = (
      source: Float32Array,
      destination: Float32Array,
      target: Float32Array | null,
    ) => {
      outputGradient.set(kept);
      scratch.array.fill(0xff);
      program.backwardUpdate(
        parameters.array,
        input.array,
        saved.array,
        outputGradient,
        target,
        source,
        destination,
        0.3,
        scratch.array,
      );
    };
    const destination = guarded<Float32Array>("floats", program.parameterCount);
    update(apart, destination.array, null);
    expectClose(destination.array, expectedApart, 1e-6, "destination");
    expect(destination.intact()).toBe(true);
    // The hardest case: the new parameters over the old, the gradient over the input.
    update(parameters.array, parameters.array, input.array);
    expectClose(parameters.array, expectedInPlace, 1e-6, "parameters");
    expectClose(input.array, inputGradient.array, 1e-6, "input");
    for (const [name, { intact }] of Object.entries(buffers)) expect(intact(), name).toBe(true);
  });
});

/** Where moving statistics lie in the vector of a stage, and the rate that moves each. */
function movingPlaces(layers: readonly NativeStageLayer[], offset = 0): Map<number, number> {
  const places = new Map<number, number>();
  for (const layer of layers) {
    const count = parameterCount(layer);
    if (layer.kind === "residual")
      for (const [place, rate] of movingPlaces([...layer.main!, ...(layer.shortcut ?? [])], offset))
        places.set(place, rate);
    if (layer.kind === "batchNormalization")
      for (let i = count - 2 * layer.inputShape.at(-1)!; i < count; i++)
        places.set(offset + i, 1 - (layer.momentum ?? 0.99));
    offset += count;
  }
  return places;
}
