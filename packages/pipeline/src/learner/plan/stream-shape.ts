import type { Loss } from "../../model/loss.js";
import { elementCount } from "../../model/shape.js";
import type { Model } from "../../model/spec.js";

/** What an algorithm is told of the stream and the model, as `@ferret-ocl/ocl-algorithms` has it. */
export interface StreamShape {
  /** Most samples of an item as it arrives. */
  readonly batch: number;
  /** Values of one sample. */
  readonly inputLength: number;
  /** Classes; in regression, outputs. */
  readonly classes: number;
  readonly parameterCount: number;
  /** Name of every layer, and the values of one sample's output. */
  readonly layers: readonly { readonly name: string; readonly length: number }[];
  /** Given in regression alone. */
  readonly loss?: Loss;
}

/** What an algorithm must know of the stream and the model. */
export function shapeOf(model: Model, batch: number): StreamShape {
  const { inputShape, classes, parameterCount, loss } = model;
  return {
    batch,
    inputLength: elementCount(inputShape),
    classes,
    parameterCount,
    ...(loss && { loss }),
    layers: model.layers.map(({ name, outputShape }) => ({
      name,
      length: elementCount(outputShape),
    })),
  };
}
