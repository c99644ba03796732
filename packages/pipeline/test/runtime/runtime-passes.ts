import { cutStages } from "../../src/engine.js";
import { type Layer, parseModel, type Runtime } from "../../src/index.js";
import type { Case } from "./runtime-cases.js";

/** Numbers from -0.5 to 0.5. */
export function random(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

export const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Random parameters; variances are above 0. */
export function randomParameters(layers: readonly Layer[], seed: number): Float32Array {
  const values = random(
    layers.reduce((sum, layer) => sum + layer.parameterCount, 0),
    seed,
  );
  let offset = 0;
  for (const { name, shape } of layers.flatMap(({ parameters }) => parameters)) {
    const length = count(shape);
    if (name.endsWith("moving_variance"))
      for (let index = offset; index < offset + length; index++)
        values[index] = 1 + (values[index] as number);
    offset += length;
  }
  return values;
}

/** What a runtime makes of a model cut after `cut` layers. */
export interface Passes {
  readonly output: Float32Array;
  /** The same without saving. */
  readonly unsaved: Float32Array;
  readonly predicted: Float32Array;
  readonly inputGradient: Float32Array;
  /** By stage. */
  readonly gradients: readonly Float32Array[];
}

/** What the passes below draw with; more than 32 bits. */
const draw = 5 * 2 ** 32 + 77;

/** Output, outputs without saving and while predicting, and all gradients of a recomputed pass. */
export function passes(runtime: Runtime, { specification, batch }: Case, cut: number): Passes {
  const model = parseModel(specification);
  const stages = cutStages(
    model,
    cut % model.layers.length === 0 ? [0] : [0, cut % model.layers.length],
  );
  let tensor = random(batch * count(model.inputShape), 1);
  let unsaved = tensor;
  let predicted = tensor;
  const runs = stages.map(({ layers, index, outputShape }) => {
    const program = runtime.compile(layers, batch);
    const predictor = runtime.compile(layers, batch, "predict");
    const parameters = randomParameters(layers, 2 + index);
    const saved = new Uint8Array(program.savedBytes);
    const scratch = new Uint8Array(Math.max(program.scratchBytes, predictor.scratchBytes));
    const outputs = [0, 1, 2].map(() => new Float32Array(batch * count(outputShape)));
    const [output, again, prediction] = outputs as [Float32Array, Float32Array, Float32Array];
    program.forward(parameters, tensor, saved, output, scratch, draw);
    program.forward(parameters, unsaved, null, again, scratch, draw);
    predictor.forward(parameters, predicted, null, prediction, scratch);
    const recomputed = new Uint8Array(program.savedBytes);
    program.forward(parameters, tensor, recomputed, null, scratch, draw);
    const run = { program, parameters, input: tensor, saved: recomputed, scratch };
    [tensor, unsaved, predicted] = [output, again, prediction];
    predictor.dispose();
    return run;
  });
  let outputGradient = random(tensor.length, 9);
  const gradients: Float32Array[] = [];
  for (const { program, parameters, input, saved, scratch } of runs.reverse()) {
    const gradient = new Float32Array(program.parameterCount);
    const inputGradient = new Float32Array(input.length);
    program.backward(parameters, input, saved, outputGradient, inputGradient, gradient, scratch);
    gradients.unshift(gradient);
    outputGradient = inputGradient;
    program.dispose();
  }
  return { output: tensor, unsaved, predicted, inputGradient: outputGradient, gradients };
}
