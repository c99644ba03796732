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
 * Initial parameters, layer by layer: kernels uniform in ±sqrt(6 / (fan-in + fan-out)) (Glorot and
 * Bengio 2010, the Keras default), biases zero, normalisations the identity. The same seed gives
 * the same bits, wherever the model is cut.
 */
export function initialise(model: Model, seed: number): Float32Array {
  const parameters = new Float32Array(model.parameterCount);
  const random = uniform(seed);
  let offset = 0;
  for (const layer of model.layers)
    for (const { shape, initial } of layer.parameters) {
      const end = offset + elementCount(shape);
      if (typeof initial === "number") parameters.fill(initial, offset, end);
      else {
        const limit = Math.sqrt(6 / (initial.fanIn + initial.fanOut));
        for (let index = offset; index < end; index++)
          parameters[index] = (2 * random() - 1) * limit;
      }
      offset = end;
    }
  return parameters;
}
