import type { Pair } from "../../model/shape.js";
import type { Tensor, Tf } from "./operation.js";
import { spread } from "./spread.js";
import type { WindowedProduct } from "./windowed.js";

/**
 * Products of kernels that tfjs has no gradients for, made of those that it has: convolutions with
 * gaps, in groups of channels, with several filters a channel.
 */

/** The same with gaps in the window, by a kernel that has zeros there. */
export function dilated(tf: Tf, whole: WindowedProduct, dilations: Pair): WindowedProduct {
  if (dilations[0] === 1 && dilations[1] === 1) return whole;
  const widen = (kernel: Tensor) => {
    const [height, width, inputs, outputs] = kernel.shape as [number, number, number, number];
    const image = kernel.reshape([1, height, width, inputs * outputs]);
    const wide = spread(tf, image, dilations);
    return wide.reshape([...wide.shape.slice(1, 3), inputs, outputs]);
  };
  return {
    product: (padded, kernel) => whole.product(padded, widen(kernel)),
    kernelGradient(padded, outputGradient) {
      const gradient = whole.kernelGradient(padded, outputGradient);
      return tf.stridedSlice(gradient, [0, 0, 0, 0], gradient.shape, [...dilations, 1, 1]);
    },
    inputGradient: (shape, kernel, outputGradient) =>
      whole.inputGradient(shape, widen(kernel), outputGradient),
  };
}

/** Each group of channels by itself, one beside the other. */
export function grouped(tf: Tf, one: WindowedProduct, groups: number): WindowedProduct {
  if (groups === 1) return one;
  const split = (tensor: Tensor) => tf.split(tensor, groups, 3);
  const join = (parts: Tensor[]) => tf.concat(parts, 3);
  return {
    product(padded, kernel) {
      const kernels = split(kernel);
      return join(split(padded).map((part, group) => one.product(part, kernels[group] as Tensor)));
    },
    kernelGradient(padded, outputGradient) {
      const gradients = split(outputGradient);
      return join(
        split(padded).map((part, group) => one.kernelGradient(part, gradients[group] as Tensor)),
      );
    },
    inputGradient(shape, kernel, outputGradient) {
      const kernels = split(kernel);
      const part = [...shape.slice(0, 3), (shape[3] as number) / groups];
      return join(
        split(outputGradient).map((gradient, group) =>
          one.inputGradient(part, kernels[group] as Tensor, gradient),
        ),
      );
    },
  };
}

/** Several filters a channel: one after the other, their outputs side by side channel by channel. */
export function multiplied(tf: Tf, one: WindowedProduct, filters: number): WindowedProduct {
  if (filters === 1) return one;
  /** By filter, the outputs of all channels. */
  const split = (outputs: Tensor) => {
    const [batch, height, width, channels] = outputs.shape as [number, number, number, number];
    const apart = outputs.reshape([batch * height * width, channels / filters, filters]);
    return tf
      .split(apart, filters, 2)
      .map((each) => each.reshape([batch, height, width, channels / filters]));
  };
  const kernelsOf = (kernel: Tensor) => tf.split(kernel, filters, 3);
  return {
    product(padded, kernel) {
      const outputs = kernelsOf(kernel).map((each) => one.product(padded, each));
      const [batch, height, width, channels] = (outputs[0] as Tensor).shape as [
        number,
        number,
        number,
        number,
      ];
      const columns = outputs.map((each) => each.reshape([batch * height * width, channels, 1]));
      return tf.concat(columns, 2).reshape([batch, height, width, channels * filters]);
    },
    kernelGradient: (padded, outputGradient) =>
      tf.concat(
        split(outputGradient).map((each) => one.kernelGradient(padded, each)),
        3,
      ),
    inputGradient(shape, kernel, outputGradient) {
      const kernels = kernelsOf(kernel);
      const gradients = split(outputGradient).map((each, filter) =>
        one.inputGradient(shape, kernels[filter] as Tensor, each),
      );
      return tf.addN(gradients);
    },
  };
}
