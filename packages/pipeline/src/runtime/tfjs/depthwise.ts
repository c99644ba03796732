import type * as TensorFlow from "@tensorflow/tfjs";
import type { Configuration, Layer } from "../../model/layer.js";
import { depthwiseFilterGradient, depthwiseInputGradient } from "./depthwise-gradient.js";
import type { Operation, Tf } from "./operation.js";
import { windowed } from "./windowed.js";

/** Each channel convolved with its own kernel. */
export function depthwise(
  tf: Tf,
  layer: Layer,
  configuration: Configuration<"depthwiseConv2d">,
): Operation {
  const strides: [number, number] = [...configuration.strides];
  return windowed(tf, layer, configuration, {
    product: (padded, kernel) =>
      tf.depthwiseConv2d(
        padded as TensorFlow.Tensor4D,
        kernel as TensorFlow.Tensor4D,
        strides,
        "valid",
      ),
    kernelGradient: (padded, outputGradient) =>
      depthwiseFilterGradient(tf, padded, outputGradient, configuration),
    inputGradient: (inputShape, kernel, outputGradient) =>
      depthwiseInputGradient(tf, inputShape, kernel, outputGradient, configuration),
  });
}
