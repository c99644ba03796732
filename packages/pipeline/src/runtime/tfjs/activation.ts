import type { Activation } from "../../model/activation.js";
import type { Tensor, Tf } from "./operation.js";

/** Applies an activation. */
export function activate(tf: Tf, activation: Activation, values: Tensor): Tensor {
  switch (activation) {
    case "linear":
      return values;
    case "relu":
      return tf.relu(values);
    case "relu6":
      return tf.relu6(values);
  }
}

/** One where the activation let a value through that gave this output, else zero. */
export function openAt(tf: Tf, activation: Activation, output: Tensor): Tensor {
  const positive = tf.step(output);
  return activation === "relu6" ? tf.mul(positive, tf.step(tf.sub(6, output))) : positive;
}

/** `openAt` of single values, one bit each. */
export function writeMask(activation: Activation, output: Float32Array, mask: Uint8Array): void {
  const end = activation === "relu6" ? 6 : Number.POSITIVE_INFINITY;
  mask.fill(0, 0, Math.ceil(output.length / 8));
  output.forEach((value, index) => {
    if (value > 0 && value < end)
      mask[index >> 3] = (mask[index >> 3] as number) | (1 << (index & 7));
  });
}

/** The first `length` values of such a mask. */
export function readMask(mask: Uint8Array, length: number): Float32Array {
  return Float32Array.from(
    { length },
    (_, index) => ((mask[index >> 3] as number) >> (index & 7)) & 1,
  );
}
