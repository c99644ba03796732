import type { Layer } from "../../model/layer.js";
import { elementCount } from "../../model/shape.js";
import { extraBytes } from "../../model/stage.js";
import { floatsAt } from "./buffers.js";
import type { Operation, Tensor, Tf } from "./operation.js";

/** Where a layer's parameters and the bytes that it saves begin in the stage's buffers. */
export interface Place {
  /** Floats. */
  readonly parameters: number;
  /** Bytes. */
  readonly saved: number;
}

/** What a backward pass gets; all buffers are the whole stage's. */
export interface UnitBackward {
  readonly parameters: Float32Array;
  readonly input: Tensor;
  readonly saved: Uint8Array;
  readonly outputGradient: Tensor;
  readonly wantsInput: boolean;
  readonly parameterGradient: Float32Array;
}

/** A layer at its place in a stage, without its activation. */
export interface Unit {
  forward(parameters: Float32Array, input: Tensor, saved: Uint8Array | null): Tensor;
  /** @returns the gradient at the input, or null unless wanted. */
  backward(inputs: UnitBackward): Tensor | null;
}

/** @param place where the layer's parameters and what its kind keeps begin. */
export function operationUnit(
  tf: Tf,
  layer: Layer,
  operation: Operation,
  batch: number,
  place: Place,
): Unit {
  const keptFloats = extraBytes(layer, batch) / 4;
  const kept = (saved: Uint8Array) => floatsAt(saved, place.saved, keptFloats);
  const tensors = (parameters: Float32Array) => {
    let start = place.parameters;
    return layer.parameters.map(({ shape }) => {
      const values = parameters.subarray(start, start + elementCount(shape));
      start += values.length;
      return tf.tensor(values, [...shape], "float32");
    });
  };
  return {
    forward: (parameters, input, saved) =>
      operation.forward(input, tensors(parameters), saved && kept(saved)),
    backward(inputs) {
      const { input, parameters } = operation.backward({
        ...inputs,
        parameters: tensors(inputs.parameters),
        kept: kept(inputs.saved),
      });
      let offset = place.parameters;
      for (const gradient of parameters) {
        inputs.parameterGradient.set(gradient.dataSync() as Float32Array, offset);
        offset += gradient.size;
      }
      return input;
    },
  };
}

/** One of the two ways through a residual block; without layers it is the identity. */
interface Path {
  forward(
    parameters: Float32Array,
    input: Tensor,
    saved: Uint8Array | null,
    wantsOutput: true,
  ): Tensor | null;
  backward(inputs: UnitBackward): Tensor | null;
}

/** The sum of two paths from one input. */
export function residualUnit(tf: Tf, main: Path, shortcut: Path): Unit {
  const sum = (first: Tensor | null, second: Tensor | null) =>
    first && second ? tf.add(first, second) : null;
  return {
    forward: (parameters, input, saved) =>
      sum(
        main.forward(parameters, input, saved, true),
        shortcut.forward(parameters, input, saved, true),
      ) as Tensor,
    backward: (inputs) => sum(main.backward(inputs), shortcut.backward(inputs)),
  };
}
