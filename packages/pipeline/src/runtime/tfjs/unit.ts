import type { Layer } from "../../model/layer.js";
import { keepsGradient } from "../../model/pending.js";
import { elementCount } from "../../model/shape.js";
import { extraBytes } from "../../model/stage.js";
import { batchTensor, floatsAt } from "./buffers.js";
import type { Operation, Tensor, Tf } from "./operation.js";

/** Where what is a layer's begins in the stage's buffers. */
export interface Place {
  /** Floats. */
  readonly parameters: number;
  /** Bytes. */
  readonly saved: number;
  /** Bytes. */
  readonly pending: number;
}

/** What a backward pass gets; all buffers are the whole stage's. */
export interface UnitBackward {
  readonly parameters: Float32Array;
  /** Null where it is not kept. */
  readonly input: Tensor | null;
  readonly saved: Uint8Array;
  readonly outputGradient: Tensor;
  readonly wantsInput: boolean;
  /** Takes the gradients at the parameters, or what `backwardWeights` makes them from. */
  readonly target: { readonly gradient: Float32Array } | { readonly pending: Uint8Array };
}

/** What is left of a backward pass whose target was `pending`. */
export interface UnitWeights {
  /** Null if nothing reads it. */
  readonly input: Tensor | null;
  readonly saved: Uint8Array;
  readonly pending: Uint8Array;
  readonly gradient: Float32Array;
}

/** A layer at its place in a stage, without its activation. */
export interface Unit {
  forward(parameters: Float32Array, input: Tensor, saved: Uint8Array | null, draw: number): Tensor;
  /** What `forward` gave, once more; null where the kind cannot. */
  makeAgain(input: Tensor, saved: Uint8Array): Tensor | null;
  /** @returns the gradient at the input, or null unless wanted. */
  backward(inputs: UnitBackward): Tensor | null;
  backwardWeights(inputs: UnitWeights): void;
}

/** @param place where the layer's parameters, what its kind keeps and what waits begin. */
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
  const own = ({ parameterCount }: Layer, gradient: Float32Array) =>
    gradient.subarray(place.parameters, place.parameters + parameterCount);
  const waiting = (pending: Uint8Array, length: number) => floatsAt(pending, place.pending, length);
  return {
    forward: (parameters, input, saved, draw) =>
      operation.forward(input, tensors(parameters), saved && kept(saved), draw),
    makeAgain: (input, saved) => operation.makeAgain?.(input, kept(saved)) ?? null,
    backward(inputs) {
      const { target, outputGradient } = inputs;
      const waits = "pending" in target && keepsGradient(layer);
      const { input, parameters } = operation.backward({
        ...inputs,
        parameters: tensors(inputs.parameters),
        kept: kept(inputs.saved),
        wantsParameters: !waits,
      });
      if (waits) write([outputGradient], waiting(target.pending, outputGradient.size));
      else if ("gradient" in target) write(parameters, own(layer, target.gradient));
      else if (parameters.length > 0)
        write(parameters, waiting(target.pending, layer.parameterCount));
      return input;
    },
    backwardWeights({ input, saved, pending, gradient }) {
      if (!keepsGradient(layer)) {
        own(layer, gradient).set(waiting(pending, layer.parameterCount));
        return;
      }
      const length = batch * elementCount(layer.outputShape);
      const { parameters } = operation.backward({
        input,
        parameters: [],
        kept: kept(saved),
        outputGradient: batchTensor(tf, waiting(pending, length), batch, layer.outputShape),
        wantsInput: false,
        wantsParameters: true,
      });
      write(parameters, own(layer, gradient));
    },
  };
}

function write(tensors: readonly Tensor[], values: Float32Array): void {
  let offset = 0;
  for (const tensor of tensors) {
    values.set(tensor.dataSync() as Float32Array, offset);
    offset += tensor.size;
  }
}

/** One of the two ways through a residual block; without layers it is the identity. */
interface Path {
  forward(
    parameters: Float32Array,
    input: Tensor,
    saved: Uint8Array | null,
    wantsOutput: true,
    draw: number,
  ): Tensor | null;
  backward(inputs: UnitBackward): Tensor | null;
  backwardWeights(inputs: UnitWeights): void;
}

/** The sum of two paths from one input. */
export function residualUnit(tf: Tf, main: Path, shortcut: Path): Unit {
  const sum = (first: Tensor | null, second: Tensor | null) =>
    first && second ? tf.add(first, second) : null;
  return {
    forward: (parameters, input, saved, draw) =>
      sum(
        main.forward(parameters, input, saved, true, draw),
        shortcut.forward(parameters, input, saved, true, draw),
      ) as Tensor,
    makeAgain: () => null,
    backward: (inputs) => sum(main.backward(inputs), shortcut.backward(inputs)),
    backwardWeights(inputs) {
      main.backwardWeights(inputs);
      shortcut.backwardWeights(inputs);
    },
  };
}
