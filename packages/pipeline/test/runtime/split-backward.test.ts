import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutStages, loadTfjsRuntime } from "../../src/engine.js";
import { parseModel, type Runtime } from "../../src/index.js";
import { layerKindNames } from "../../src/model/layers/registry.js";
import { pendingBytes } from "../../src/model/pending.js";
import { runtime as first } from "../perceptron.js";
import { type Case, modelsOf, residualModels } from "./runtime-cases.js";
import { count, random, randomParameters } from "./runtime-passes.js";

const kinds: readonly (readonly [string, fc.Arbitrary<Case>])[] = [
  ...layerKindNames.map((className) => [className, modelsOf(className)] as const),
  ["residual", residualModels] as const,
];
const tfjs = await loadTfjsRuntime(["cpu"]);
const runtimes = first.name === tfjs.name ? [tfjs] : [first, tfjs];

/** Runs every stage of a cut model backward from the same numbers, in one pass and in two. */
function expectSame(runtime: Runtime, { specification, batch }: Case, cut: number): void {
  const model = parseModel(specification);
  const place = cut % model.layers.length;
  for (const { layers, index, inputShape, outputShape } of cutStages(
    model,
    place === 0 ? [0] : [0, place],
  )) {
    const program = runtime.compile(layers, batch);
    expect(program.pendingBytes).toBe(pendingBytes(layers, batch));
    const parameters = randomParameters(layers, 2 + index);
    const input = random(batch * count(inputShape), 3);
    const weights = random(batch * count(outputShape), 4);
    const [saved, pending, scratch] = [
      program.savedBytes,
      program.pendingBytes,
      program.scratchBytes,
    ].map((bytes) => new Uint8Array(bytes)) as [Uint8Array, Uint8Array, Uint8Array];
    program.forward(parameters, input, saved, new Float32Array(weights.length), scratch);
    const expected = {
      parameters: new Float32Array(parameters.length),
      input: new Float32Array(input.length),
    };
    const [joint, twofold] = [weights.slice(), weights.slice()];
    const { parameters: gradient, input: inputGradient } = expected;
    program.backward(parameters, input, saved, joint, inputGradient, gradient, scratch);

    // The gradient at the input lies over the input, as in a pipeline.
    program.backwardInput(parameters, input, saved, twofold, input, pending, scratch);
    const found = { parameters: new Float32Array(parameters.length), input: input.slice() };
    for (const spoiled of [parameters, input, twofold]) spoiled.fill(Number.NaN);
    program.backwardWeights(saved, pending, found.parameters, scratch);
    program.dispose();
    for (const part of ["parameters", "input"] as const)
      expect(Buffer.from(found[part].buffer).equals(Buffer.from(expected[part].buffer)), part).toBe(
        true,
      );
  }
}

describe.each(runtimes)("a backward pass in two on $name", (runtime) => {
  it.each(kinds)("gives of %s what one pass gives, wherever it is cut", (_, cases) => {
    fc.assert(
      fc.property(cases, fc.nat(), (each, cut) => expectSame(runtime, each, cut)),
      { numRuns: 15 },
    );
  });
});
