import type { Configuration, LayerKind } from "../layer.js";
import { readActivation, readFlag, readPadding, readPair, requireDefault } from "../read.js";
import { requireImage, requireImageDefaults, requirePlaces } from "./image.js";

/** Each channel convolved by itself; the kernel is [height, width, channels, 1]. */
export const depthwiseConv2d: LayerKind<Configuration<"depthwiseConv2d">> = {
  className: "DepthwiseConv2D",
  parse(config, path) {
    requireImageDefaults(config, path);
    requireDefault(config, "depth_multiplier", path, [1]);
    return {
      kind: "depthwiseConv2d",
      kernelSize: readPair(config, "kernel_size", path),
      strides: readPair(config, "strides", path, [1, 1]),
      padding: readPadding(config, path),
      useBias: readFlag(config, "use_bias", path, true),
      activation: readActivation(config, path),
    };
  },
  bind({ kernelSize, strides, padding, useBias }, inputShape, path) {
    const [, , channels] = requireImage(inputShape, path);
    const [height, width] = requirePlaces(inputShape, kernelSize, strides, padding, path);
    const window = kernelSize[0] * kernelSize[1];
    const kernel = {
      name: "depthwise_kernel",
      shape: [...kernelSize, channels, 1],
      // As Keras counts them, from the shape of the kernel.
      initial: { fanIn: window * channels, fanOut: window },
    };
    const bias = { name: "bias", shape: [channels], initial: 0 };
    return {
      outputShape: [height, width, channels],
      parameters: useBias ? [kernel, bias] : [kernel],
      operations: 2 * window * channels * height * width,
    };
  },
};
