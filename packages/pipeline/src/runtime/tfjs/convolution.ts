import type * as TensorFlow from "@tensorflow/tfjs";
import type { Configuration, Layer } from "../../model/layer.js";
import { reach } from "../../model/shape.js";
import { filterGradient } from "./filter-gradient.js";
import type { Operation, Tensor, Tf } from "./operation.js";
import { dilated, grouped } from "./products.js";
import { windowed } from "./windowed.js";

/** y = x * kernel + bias. */
export function convolution(
  tf: Tf,
  layer: Layer,
  configuration: Configuration<"conv2d">,
): Operation {
  const { dilations, groups } = configuration;
  const strides: [number, number] = [...configuration.strides];
  const window = { kernelSize: reach(configuration.kernelSize, dilations), strides };
  const whole = {
    product: (padded: Tensor, kernel: Tensor) =>
      tf.conv2d(padded as TensorFlow.Tensor4D, kernel as TensorFlow.Tensor4D, strides, "valid"),
    kernelGradient: (padded: Tensor, outputGradient: Tensor) =>
      filterGradient(tf, padded, outputGradient, window),
    inputGradient: (inputShape: number[], kernel: Tensor, outputGradient: Tensor) =>
      tf
        .engine()
        .runKernel(
          "Conv2DBackpropInput",
          { dy: outputGradient, filter: kernel },
          { strides, pad: "valid", dataFormat: "NHWC", inputShape },
        ) as Tensor,
  };
  return windowed(tf, layer, configuration, grouped(tf, dilated(tf, whole, dilations), groups));
}
