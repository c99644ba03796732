import * as tf from "@tensorflow/tfjs";
import type { ToyShape } from "../src/testing.js";

/** The toy model in the words of tfjs, on one vector of parameters. */
export function toyLogits(shape: ToyShape, parameters: tf.Tensor, x: tf.Tensor): tf.Tensor2D {
  const { inputLength, hidden, classes } = shape;
  const sizes = [inputLength * hidden, hidden, hidden * classes, classes];
  const [kernel, bias, kernel2, bias2] = tf.split(parameters.as1D(), sizes) as tf.Tensor[];
  const active = tf.relu(
    tf.add(tf.matMul(x as tf.Tensor2D, kernel!.reshape([inputLength, hidden])), bias!),
  );
  return tf.add(tf.matMul(active as tf.Tensor2D, kernel2!.reshape([hidden, classes])), bias2!);
}

/** Cross entropy of each sample. */
export function crossEntropies(logits: tf.Tensor, labels: Int32Array): tf.Tensor1D {
  const classes = logits.shape[1] as number;
  const hot = tf.oneHot(tf.tensor1d(labels, "int32"), classes);
  return tf.neg(tf.sum(tf.mul(hot, tf.logSoftmax(logits)), 1).as1D());
}

/** Gradient of a scalar function of a vector. */
export function gradientOf(f: (values: tf.Tensor) => tf.Tensor, at: Float32Array): Float32Array {
  return tf.tidy(
    () =>
      tf
        .grad((values) => f(values).asScalar())(tf.tensor1d(at))
        .dataSync() as Float32Array,
  );
}

/** The largest difference of any two elements, relative to the largest expected one. */
export function farthest(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [distance, scale] = [0, 1e-12];
  for (let index = 0; index < expected.length; index++) {
    distance = Math.max(distance, Math.abs(actual[index]! - expected[index]!));
    scale = Math.max(scale, Math.abs(expected[index]!));
  }
  return distance / scale;
}
