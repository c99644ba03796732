import type { AlgorithmShape } from "./contract.js";
import { InputError } from "./errors.js";

/**
 * Values of one sample's output of a layer, for the buffers of an algorithm that reads features.
 * @param layer its name; default the one before the last.
 * @throws InputError where the model has no such layer, or the shape tells none.
 */
export function featureLengthOf({ layers = [] }: AlgorithmShape, layer?: string): number {
  const found = layer === undefined ? layers.at(-2) : layers.find(({ name }) => name === layer);
  if (found) return found.length;
  if (layer === undefined || layers.length === 0)
    throw new InputError(
      `Expected ${layer === undefined ? "two layers or more" : "the model's layers"} for the shape of ` +
        `an algorithm that reads features but received ${layers.length}; give them in shape.layers`,
    );
  throw new InputError(
    `Expected a layer of the model for features but received "${layer}"; ` +
      `it has ${layers.map(({ name }) => name).join(", ")}`,
  );
}
