import type * as TensorFlow from "@tensorflow/tfjs";
import type { Configuration, Layer } from "../../model/layer.js";
import { depthwiseFilterGradient, depthwiseInputGradient } from "./depthwise-gradient.js";
import type { Operation, Tensor, Tf } from "./operation.js";
import { paddedWindow } from "./padding.js";

/** Each channel convolved with its own kernel. */
export function depthwise(
  tf: Tf,
  layer: Layer,
  configuration: Configuration<"depthwiseConv2d">,
): Operation {
  const { strides, useBias } = configuration;
  const { pad, crop } = paddedWindow(tf, layer.inputShape, configuration);
  return {
    forward(input, [kernel, bias]) {
      const product = tf.depthwiseConv2d(
        pad(input) as TensorFlow.Tensor4D,
        kernel as TensorFlow.Tensor4D,
        [...strides],
        "valid",
      );
      return bias ? tf.add(product, bias) : product;
    },
    backward({ input, parameters: [kernel], outputGradient, wantsInput }) {
      const padded = pad(input);
      const kernelGradient = depthwiseFilterGradient(tf, padded, outputGradient, configuration);
      const parameters = useBias
        ? [kernelGradient, tf.sum(outputGradient, [0, 1, 2])]
        : [kernelGradient];
      if (!wantsInput) return { input: null, parameters };
      const gradient = depthwiseInputGradient(
        tf,
        padded.shape,
        kernel as Tensor,
        outputGradient,
        configuration,
      );
      return { input: crop(gradient, input.shape), parameters };
    },
  };
}
