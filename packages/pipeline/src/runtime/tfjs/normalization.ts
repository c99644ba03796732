import type { Configuration, Layer } from "../../model/layer.js";
import type { ProgramMode } from "../contract.js";
import type { Operation, Tensor, Tf } from "./operation.js";

type Normalization = Configuration<"batchNormalization" | "instanceNormalization">;

/**
 * Both normalisations: over [sets, rows, channels], each channel of a set to mean 0 and variance 1.
 * The batch is one set, or each sample is a set of its own. Kept: means, inverse deviations, gamma
 * and beta.
 *
 * Gradient in closed form (Ioffe and Szegedy 2015), with x^ the normalised input:
 * dx = gamma / deviation x (dy - mean(dy) - x^ mean(dy x^)).
 */
export function normalization(
  tf: Tf,
  { outputShape }: Layer,
  configuration: Normalization,
  { mode }: { readonly mode: ProgramMode },
): Operation {
  const { kind, epsilon, scale, center } = configuration;
  const channels = outputShape[outputShape.length - 1] as number;
  const isBatch = kind === "batchNormalization";
  const view = (tensor: Tensor): Tensor =>
    tensor.reshape([isBatch ? 1 : (tensor.shape[0] as number), -1, channels]);
  const named = (parameters: readonly Tensor[]) => {
    const rest = [...parameters];
    const gamma = scale ? (rest.shift() as Tensor) : null;
    const beta = center ? (rest.shift() as Tensor) : null;
    return { gamma, beta, moving: rest as [mean: Tensor, variance: Tensor] | [] };
  };

  return {
    forward(input, parameters, kept) {
      const { gamma, beta, moving } = named(parameters);
      const rows = view(input);
      const usesMoving = mode === "predict" && isBatch;
      const mean = usesMoving ? (moving[0] as Tensor) : tf.mean(rows, 1, true);
      const centred = tf.sub(rows, mean);
      const variance = usesMoving ? (moving[1] as Tensor) : tf.mean(tf.square(centred), 1, true);
      const inverse = tf.rsqrt(tf.add(variance, epsilon));
      if (kept) {
        const size = mean.size;
        kept.set(mean.dataSync() as Float32Array, 0);
        kept.set(inverse.dataSync() as Float32Array, size);
        if (gamma) kept.set(gamma.dataSync() as Float32Array, 2 * size);
        if (beta) kept.set(beta.dataSync() as Float32Array, 2 * size + channels);
      }
      return scaled(centred, inverse, gamma, beta).reshape(input.shape);
    },

    makeAgain(input, kept) {
      const rows = view(input);
      const { mean, inverse, gamma, beta } = statistics(rows.shape[0] as number, kept);
      return scaled(tf.sub(rows, mean), inverse, gamma, beta).reshape(input.shape);
    },

    backward({ input, parameters, kept, outputGradient, wantsInput }) {
      const { gamma, moving } = named(parameters);
      const rows = view(input as Tensor);
      const [sets, count] = rows.shape as [number, number, number];
      const { mean, inverse } = statistics(sets, kept);
      const normalised = tf.mul(tf.sub(rows, mean), inverse);
      const gradient = view(outputGradient);
      const sum = tf.sum(gradient, 1, true);
      const weighted = tf.sum(tf.mul(gradient, normalised), 1, true);
      const gradients = [
        ...(scale ? [tf.sum(weighted, [0, 1])] : []),
        ...(center ? [tf.sum(sum, [0, 1])] : []),
        ...distances(moving, mean, inverse),
      ];
      if (!wantsInput) return { input: null, parameters: gradients };
      const spread = tf.sub(gradient, tf.div(tf.add(sum, tf.mul(normalised, weighted)), count));
      const factor = gamma ? tf.mul(inverse, gamma) : inverse;
      return { input: tf.mul(spread, factor).reshape(outputGradient.shape), parameters: gradients };
    },
  };

  function scaled(
    centred: Tensor,
    inverse: Tensor,
    gamma: Tensor | null,
    beta: Tensor | null,
  ): Tensor {
    let output: Tensor = tf.mul(centred, inverse);
    if (gamma) output = tf.mul(output, gamma);
    return beta ? tf.add(output, beta) : output;
  }

  /** What is kept, of so many sets. */
  function statistics(sets: number, kept: Float32Array) {
    const size = sets * channels;
    const perSet = (start: number) =>
      tf.tensor(kept.subarray(start, start + size), [sets, 1, channels]);
    const perChannel = (start: number) => tf.tensor1d(kept.subarray(start, start + channels));
    return {
      mean: perSet(0),
      inverse: perSet(size),
      gamma: scale ? perChannel(2 * size) : null,
      beta: center ? perChannel(2 * size + channels) : null,
    };
  }

  /** How far the moving statistics are from the batch's. */
  function distances(moving: readonly Tensor[], mean: Tensor, inverse: Tensor): Tensor[] {
    const [movingMean, movingVariance] = moving;
    if (!movingMean || !movingVariance) return [];
    const variance = tf.sub(tf.reciprocal(tf.square(inverse)), epsilon);
    return [
      tf.sub(movingMean, mean.reshape([channels])),
      tf.sub(movingVariance, variance.reshape([channels])),
    ];
  }
}
