import type { Configuration, Layer } from "../../model/layer.js";
import { elementCount } from "../../model/shape.js";
import type { Operation, Tensor, Tf } from "./operation.js";

/**
 * Values as [sets, rows, groups, members]: each group of a set to mean 0 and variance 1. A set is a
 * sample and a row a pixel of it, or, where the channels of a pixel are one group, a set is a pixel.
 * Kept: means, inverse deviations, gamma and beta.
 *
 * Gradient in closed form, with x^ the normalised input and means over a group:
 * dx = (gamma dy - mean(gamma dy) - x^ mean(gamma dy x^)) / deviation.
 */
export function groupNormalization(
  tf: Tf,
  { outputShape }: Layer,
  configuration: Configuration<"groupNormalization" | "layerNormalization">,
): Operation {
  const { epsilon, scale, center } = configuration;
  const channels = outputShape[outputShape.length - 1] as number;
  const rows =
    configuration.kind === "groupNormalization" ? elementCount(outputShape) / channels : 1;
  const groups = configuration.kind === "groupNormalization" ? configuration.groups : 1;
  const members = channels / groups;
  const view = (tensor: Tensor) => tensor.reshape([-1, rows, groups, members]);
  const named = (parameters: readonly Tensor[]) => {
    const rest = parameters.map((each) => each.reshape([1, 1, groups, members]));
    const gamma = scale ? (rest.shift() as Tensor) : null;
    return { gamma, beta: center ? (rest.shift() as Tensor) : null };
  };
  const affine = (values: Tensor, gamma: Tensor | null, beta: Tensor | null) => {
    const scaled = gamma ? tf.mul(values, gamma) : values;
    return beta ? tf.add(scaled, beta) : scaled;
  };
  const mean = (values: Tensor): Tensor => tf.mean(values, [1, 3], true);

  /** What is kept, of so many sets. */
  function statistics(sets: number, kept: Float32Array) {
    const size = sets * groups;
    const perGroup = (start: number) =>
      tf.tensor(kept.subarray(start, start + size), [sets, 1, groups, 1]);
    const perChannel = (start: number) =>
      tf.tensor(kept.subarray(start, start + channels), [1, 1, groups, members]);
    return {
      mean: perGroup(0),
      inverse: perGroup(size),
      gamma: scale ? perChannel(2 * size) : null,
      beta: center ? perChannel(2 * size + channels) : null,
    };
  }

  return {
    forward(input, parameters, kept) {
      const { gamma, beta } = named(parameters);
      const values = view(input);
      const middle = mean(values);
      const centred = tf.sub(values, middle);
      const inverse = tf.rsqrt(tf.add(mean(tf.square(centred)), epsilon));
      if (kept) {
        kept.set(middle.dataSync() as Float32Array, 0);
        kept.set(inverse.dataSync() as Float32Array, middle.size);
        if (gamma) kept.set(gamma.dataSync() as Float32Array, 2 * middle.size);
        if (beta) kept.set(beta.dataSync() as Float32Array, 2 * middle.size + channels);
      }
      return affine(tf.mul(centred, inverse), gamma, beta).reshape(input.shape);
    },

    makeAgain(input, kept) {
      const values = view(input);
      const { mean: middle, inverse, gamma, beta } = statistics(values.shape[0] as number, kept);
      return affine(tf.mul(tf.sub(values, middle), inverse), gamma, beta).reshape(input.shape);
    },

    backward({ input, parameters, kept, outputGradient, wantsInput }) {
      const { gamma } = named(parameters);
      const values = view(input as Tensor);
      const { mean: middle, inverse } = statistics(values.shape[0] as number, kept);
      const normalised = tf.mul(tf.sub(values, middle), inverse);
      const gradient = view(outputGradient);
      const ofChannels = (each: Tensor) => tf.sum(each, [0, 1]).reshape([channels]);
      const gradients = [
        ...(scale ? [ofChannels(tf.mul(gradient, normalised))] : []),
        ...(center ? [ofChannels(gradient)] : []),
      ];
      if (!wantsInput) return { input: null, parameters: gradients };
      const scaled = gamma ? tf.mul(gradient, gamma) : gradient;
      const spread = tf.sub(
        tf.sub(scaled, mean(scaled)),
        tf.mul(normalised, mean(tf.mul(scaled, normalised))),
      );
      return {
        input: tf.mul(spread, inverse).reshape(outputGradient.shape),
        parameters: gradients,
      };
    },
  };
}
