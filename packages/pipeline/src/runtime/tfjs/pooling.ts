import type * as TensorFlow from "@tensorflow/tfjs";
import type { Configuration, Layer } from "../../model/layer.js";
import type { Operation, Tensor, Tf } from "./operation.js";
import { paddedWindow } from "./padding.js";
import { poolingGradient } from "./pooling-gradient.js";

/** Largest or mean value of each window. */
export function pooling(
  tf: Tf,
  layer: Layer,
  configuration: Configuration<"maxPooling2d" | "averagePooling2d">,
): Operation {
  const { poolSize, strides, padding } = configuration;
  const size: [number, number] = [...poolSize];
  const steps: [number, number] = [...strides];
  return {
    forward(input) {
      const image = input as TensorFlow.Tensor4D;
      if (configuration.kind === "averagePooling2d")
        return tf.avgPool(image, size, steps, configuration.padding);
      if (typeof padding === "string") return tf.maxPool(image, size, steps, padding);
      const window = { kernelSize: poolSize, strides, padding };
      const { pad } = paddedWindow(tf, layer.inputShape, window, Number.NEGATIVE_INFINITY);
      return tf.maxPool(pad(input) as TensorFlow.Tensor4D, size, steps, "valid");
    },
    backward: ({ input, outputGradient, wantsInput }) => ({
      input: wantsInput ? poolingGradient(tf, layer, configuration, input, outputGradient) : null,
      parameters: [],
    }),
  };
}

/** Mean of each channel over the whole image. */
export function globalAveragePooling(tf: Tf): Operation {
  return {
    forward: (input) => tf.mean(input, [1, 2]),
    backward({ input, outputGradient, wantsInput }) {
      if (!wantsInput) return { input: null, parameters: [] };
      const [batch, height, width, channels] = input.shape as [number, number, number, number];
      const share: Tensor = tf.div(outputGradient, height * width);
      return {
        input: tf.tile(share.reshape([batch, 1, 1, channels]), [1, height, width, 1]),
        parameters: [],
      };
    },
  };
}
