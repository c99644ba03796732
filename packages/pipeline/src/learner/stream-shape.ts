import { elementCount } from "../model/shape.js";
import type { Model } from "../model/spec.js";

/** What an algorithm is told of the stream and the model, as `@ferret-ocl/ocl-algorithms` has it. */
export interface StreamShape {
  /** Most samples of an item as it arrives. */
  readonly batch: number;
  /** Values of one sample. */
  readonly inputLength: number;
  readonly classes: number;
  readonly parameterCount: number;
  /** Name of every layer, and the values of one sample's output. */
  readonly layers: readonly { readonly name: string; readonly length: number }[];
}

/** What an algorithm must know of the stream and the model. */
export function shapeOf(model: Model, batch: number): StreamShape {
  const { inputShape, classes, parameterCount } = model;
  return {
    batch,
    inputLength: elementCount(inputShape),
    classes,
    parameterCount,
    layers: model.layers.map(({ name, outputShape }) => ({
      name,
      length: elementCount(outputShape),
    })),
  };
}
