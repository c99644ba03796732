import type * as TensorFlow from "@tensorflow/tfjs";
import type { Configuration, Layer } from "../../model/layer.js";
import { reach } from "../../model/shape.js";
import { depthwiseFilterGradient, depthwiseInputGradient } from "./depthwise-gradient.js";
import type { Operation, Tensor, Tf } from "./operation.js";
import { dilated, multiplied } from "./products.js";
import { windowed } from "./windowed.js";

/** Each channel convolved with kernels of its own. */
export function depthwise(
  tf: Tf,
  layer: Layer,
  configuration: Configuration<"depthwiseConv2d">,
): Operation {
  const { dilations, multiplier } = configuration;
  const strides: [number, number] = [...configuration.strides];
  const window = { kernelSize: reach(configuration.kernelSize, dilations), strides };
  const single = {
    product: (padded: Tensor, kernel: Tensor) =>
      tf.depthwiseConv2d(
        padded as TensorFlow.Tensor4D,
        kernel as TensorFlow.Tensor4D,
        strides,
        "valid",
      ),
    kernelGradient: (padded: Tensor, outputGradient: Tensor) =>
      depthwiseFilterGradient(tf, padded, outputGradient, window),
    inputGradient: (inputShape: number[], kernel: Tensor, outputGradient: Tensor) =>
      depthwiseInputGradient(tf, inputShape, kernel, outputGradient, window),
  };
  const product = multiplied(tf, dilated(tf, single, dilations), multiplier);
  return windowed(tf, layer, configuration, product);
}
