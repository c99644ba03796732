import { InputError } from "../errors.js";
import type { Draw } from "./initial.js";
import { elementCount } from "./shape.js";
import type { Model } from "./spec.js";

/** A small seeded generator of numbers in [0, 1) (SplitMix32). */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/**
 * Initial parameters, layer by layer, as each layer's initialisers say; by default kernels uniform
 * in ±sqrt(6 / (fan-in + fan-out)) (Glorot and Bengio 2010, as in Keras), biases zero,
 * normalisations the identity. The same seed gives the same bits, wherever the model is cut.
 *
 * @throws InputError where the model was read to get its values from a file, and cannot be drawn.
 */
export function initialise(model: Model, seed: number): Float32Array {
  const parameters = new Float32Array(model.parameterCount);
  const random = uniform(seed);
  let offset = 0;
  for (const layer of model.layers)
    for (const { name, shape, initial } of layer.parameters) {
      const end = offset + elementCount(shape);
      if (typeof initial === "number") parameters.fill(initial, offset, end);
      else {
        const draw = drawing(initial, random, name);
        for (let index = offset; index < end; index++) parameters[index] = draw();
      }
      offset = end;
    }
  return parameters;
}

function drawing(initial: Draw, random: () => number, name: string): () => number {
  switch (initial.distribution) {
    case "uniform": {
      const centre = (initial.low + initial.high) / 2;
      const reach = (initial.high - initial.low) / 2;
      return () => centre + (2 * random() - 1) * reach;
    }
    case "normal":
      return () => initial.mean + initial.deviation * normal(random);
    case "truncatedNormal":
      return () => initial.mean + initial.deviation * truncatedNormal(random);
    case "none":
      throw new InputError(
        `Expected values for ${name} from a file but none came, and its initialiser ` +
          `${initial.name} is unknown; provide the values or choose another initialiser`,
      );
  }
}

/** Box and Muller 1958, without the second value of each pair. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function truncatedNormal(random: () => number): number {
  for (;;) {
    const value = normal(random);
    if (Math.abs(value) <= 2) return value;
  }
}
