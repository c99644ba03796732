import type * as TensorFlow from "@tensorflow/tfjs";
import type { Configuration, Layer } from "../../model/layer.js";
import { filterGradient } from "./filter-gradient.js";
import type { Operation, Tensor, Tf } from "./operation.js";
import { windowed } from "./windowed.js";

/** y = x * kernel + bias. */
export function convolution(
  tf: Tf,
  layer: Layer,
  configuration: Configuration<"conv2d">,
): Operation {
  const strides: [number, number] = [...configuration.strides];
  return windowed(tf, layer, configuration, {
    product: (padded, kernel) =>
      tf.conv2d(padded as TensorFlow.Tensor4D, kernel as TensorFlow.Tensor4D, strides, "valid"),
    kernelGradient: (padded, outputGradient) =>
      filterGradient(tf, padded, outputGradient, configuration),
    inputGradient: (inputShape, kernel, outputGradient) =>
      tf
        .engine()
        .runKernel(
          "Conv2DBackpropInput",
          { dy: outputGradient, filter: kernel },
          { strides, pad: "valid", dataFormat: "NHWC", inputShape },
        ) as Tensor,
  });
}
