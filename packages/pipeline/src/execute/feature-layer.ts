import { InputError } from "../errors.js";
import type { Layer } from "../model/layer.js";
import { elementCount } from "../model/shape.js";
import type { Model } from "../model/spec.js";
import type { LearningAlgorithm } from "./algorithm.js";

/** The layer whose outputs an algorithm reads. */
export interface FeatureLayer {
  readonly index: number;
  /** Values of one sample. */
  readonly length: number;
}

/**
 * The layer that an algorithm names in `features`; null where it has none.
 * @throws InputError where the model has no such layer, or no layer before the last.
 */
export function featureLayerOf(
  { layers, name: modelName }: Pick<Model, "layers" | "name">,
  { features, name = "the algorithm" }: Pick<LearningAlgorithm, "features" | "name">,
): FeatureLayer | null {
  if (features === undefined) return null;
  const { layer } = features;
  const index =
    layer === undefined ? layers.length - 2 : layers.findIndex((each) => each.name === layer);
  const found = layers[index];
  if (found) return { index, length: elementCount(found.outputShape) };
  throw new InputError(
    layer === undefined
      ? `Expected a model of two layers or more for the features of ${name} but ${modelName} has one; ` +
          "name the layer in features.layer"
      : `Expected a layer of the model ${modelName} for features.layer of ${name} but received ` +
          `"${String(layer)}"; it has ${layers.map((each: Layer) => each.name).join(", ")}`,
  );
}
