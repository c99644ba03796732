import type { Configuration, Layer } from "../../model/layer.js";
import type { Operation, Tensor, Tf } from "./operation.js";
import { paddedWindow } from "./padding.js";

/** A product of a padded input and a kernel that moves over it, and its gradients. */
export interface WindowedProduct {
  product(padded: Tensor, kernel: Tensor): Tensor;
  kernelGradient(padded: Tensor, outputGradient: Tensor): Tensor;
  inputGradient(paddedShape: number[], kernel: Tensor, outputGradient: Tensor): Tensor;
}

/** y = product(padded x, kernel) + bias. */
export function windowed(
  tf: Tf,
  layer: Layer,
  configuration: Configuration<"conv2d" | "depthwiseConv2d">,
  { product, kernelGradient, inputGradient }: WindowedProduct,
): Operation {
  const { pad, crop } = paddedWindow(tf, layer.inputShape, configuration);
  return {
    forward(input, [kernel, bias]) {
      const output = product(pad(input), kernel as Tensor);
      return bias ? tf.add(output, bias) : output;
    },
    backward({ input, parameters: [kernel], outputGradient, wantsInput, wantsParameters }) {
      const image = input as Tensor;
      const padded = pad(image);
      const parameters: Tensor[] = [];
      if (wantsParameters) {
        parameters.push(kernelGradient(padded, outputGradient));
        if (configuration.useBias) parameters.push(tf.sum(outputGradient, [0, 1, 2]));
      }
      if (!wantsInput) return { input: null, parameters };
      const gradient = inputGradient(padded.shape, kernel as Tensor, outputGradient);
      return { input: crop(gradient, image.shape), parameters };
    },
  };
}
