import { type Activation, activationName, derivativeFrom } from "../../model/activation.js";
import type { Configuration, Layer } from "../../model/layer.js";
import type { Operation, Tensor, Tf } from "./operation.js";
import { view } from "./view.js";

/** Applies an activation. */
export function activate(tf: Tf, activation: Activation, values: Tensor): Tensor {
  if (typeof activation !== "string") {
    const { name, alpha } = activation;
    if (name === "leakyRelu") return tf.leakyRelu(values, alpha);
    // Of operations that tfjs' tape can differentiate: the registered ELU layer is made of them.
    const above = tf.relu(values);
    return tf.add(above, tf.mul(tf.sub(tf.elu(values), above), alpha));
  }
  switch (activation) {
    case "linear":
      return values;
    case "relu":
      return tf.relu(values);
    case "relu6":
      return tf.relu6(values);
    case "tanh":
      return tf.tanh(values);
    case "sigmoid":
      return tf.sigmoid(values);
    case "gelu":
      return tf.mul(values, normalShare(tf, values));
  }
}

/** The derivative of an activation that gave this output; not of one that it is not told from. */
export function slopeAt(tf: Tf, activation: Activation, output: Tensor): Tensor {
  const positive = tf.step(output);
  if (typeof activation !== "string") {
    const below =
      activation.name === "elu"
        ? tf.add(output, activation.alpha)
        : tf.fill(output.shape, activation.alpha);
    return tf.where(tf.greater(output, 0), tf.onesLike(output), below);
  }
  switch (activation) {
    case "relu6":
      return tf.mul(positive, tf.step(tf.sub(6, output)));
    case "tanh":
      return tf.sub(1, tf.square(output));
    case "sigmoid":
      return tf.mul(output, tf.sub(1, output));
    default:
      return positive;
  }
}

/** One bit for each value: whether the activation let it through whole. */
export function writeMask(activation: Activation, output: Float32Array, mask: Uint8Array): void {
  const end = activation === "relu6" ? 6 : Number.POSITIVE_INFINITY;
  mask.fill(0, 0, Math.ceil(output.length / 8));
  output.forEach((value, index) => {
    if (value > 0 && value < end)
      mask[index >> 3] = (mask[index >> 3] as number) | (1 << (index & 7));
  });
}

/** The derivatives that the first `length` bits of such a mask stand for. */
export function readMask(activation: Activation, mask: Uint8Array, length: number): Float32Array {
  const below = typeof activation === "string" ? 0 : activation.alpha;
  return Float32Array.from({ length }, (_, index) =>
    ((mask[index >> 3] as number) >> (index & 7)) & 1 ? 1 : below,
  );
}

/**
 * The layer of its own. Its activation is the chain's business, but for one whose derivative is told
 * from the input.
 */
export function activationLayer(
  tf: Tf,
  layer: Layer,
  { activation }: Configuration<"activation">,
): Operation {
  if (derivativeFrom(activation) !== "input") return view(tf, layer);
  if (activation !== "gelu") throw new Error(`No derivative of ${activationName(activation)}`);
  const forward = (input: Tensor) => activate(tf, activation, input);
  return {
    forward,
    makeAgain: forward,
    backward({ input, outputGradient }) {
      const x = input as Tensor;
      const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      const slope = tf.add(normalShare(tf, x), tf.mul(x, density));
      return { input: tf.mul(outputGradient, slope), parameters: [] };
    },
  };
}

/** The share of a normal distribution that lies below each value. */
function normalShare(tf: Tf, values: Tensor): Tensor {
  return tf.mul(tf.add(tf.erf(tf.mul(values, Math.SQRT1_2)), 1), 0.5);
}
