import type * as TensorFlow from "@tensorflow/tfjs";
import type { Configuration, Layer } from "../../model/layer.js";
import { filterGradient } from "./filter-gradient.js";
import type { Operation, Tensor, Tf } from "./operation.js";
import { paddedWindow } from "./padding.js";

/** y = x * kernel + bias. */
export function convolution(
  tf: Tf,
  layer: Layer,
  configuration: Configuration<"conv2d">,
): Operation {
  const { strides, useBias } = configuration;
  const { pad, crop } = paddedWindow(tf, layer.inputShape, configuration);
  return {
    forward(input, [kernel, bias]) {
      const product = tf.conv2d(
        pad(input) as TensorFlow.Tensor4D,
        kernel as TensorFlow.Tensor4D,
        [...strides],
        "valid",
      );
      return bias ? tf.add(product, bias) : product;
    },
    backward({ input, parameters: [kernel], outputGradient, wantsInput }) {
      const padded = pad(input);
      const kernelGradient = filterGradient(tf, padded, outputGradient, configuration);
      const parameters = useBias
        ? [kernelGradient, tf.sum(outputGradient, [0, 1, 2])]
        : [kernelGradient];
      if (!wantsInput) return { input: null, parameters };
      const gradient = tf
        .engine()
        .runKernel(
          "Conv2DBackpropInput",
          { dy: outputGradient, filter: kernel as Tensor },
          { strides: [...strides], pad: "valid", dataFormat: "NHWC", inputShape: padded.shape },
        ) as Tensor;
      return { input: crop(gradient, input.shape), parameters };
    },
  };
}
