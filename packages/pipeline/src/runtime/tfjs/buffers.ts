import type { Shape } from "../../model/shape.js";
import type { Tensor, Tf } from "./operation.js";

/** Floats inside a byte buffer; offsets must be multiples of 4 from the start of its memory. */
export function floatsAt(bytes: Uint8Array, offset: number, length: number): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset + offset, length);
}

/** The first values of a buffer as a tensor [batch, ...shape]. */
export function batchTensor(tf: Tf, values: Float32Array, batch: number, shape: Shape): Tensor {
  const count = shape.reduce((product, size) => product * size, batch);
  return tf.tensor(values.subarray(0, count), [batch, ...shape], "float32");
}
