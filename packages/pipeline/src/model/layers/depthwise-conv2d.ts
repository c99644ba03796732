import { glorotUniform } from "../initial.js";
import type { Configuration, LayerKind } from "../layer.js";
import { readActivation, readFlag, readPadding, readPair } from "../read.js";
import { imageDefaults, requireImage, requirePlaces } from "./image.js";

/** Each channel convolved by itself; the kernel is [height, width, channels, 1]. */
export const depthwiseConv2d: LayerKind<Configuration<"depthwiseConv2d">> = {
  className: "DepthwiseConv2D",
  kind: "depthwiseConv2d",
  backward: { keepsGradient: true },
  settings: {
    read: ["kernel_size", "strides", "padding", "use_bias", "activation"],
    fixed: { ...imageDefaults, depth_multiplier: [1], groups: [1], rank: [2] },
    parameters: ["depthwise", "bias"],
  },
  parse(config, path) {
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
    const shape = [...kernelSize, channels, 1];
    const kernel = { name: "depthwise_kernel", shape, initial: glorotUniform(shape) };
    const bias = { name: "bias", shape: [channels], initial: 0 };
    return {
      outputShape: [height, width, channels],
      parameters: useBias ? [kernel, bias] : [kernel],
      operations: 2 * window * channels * height * width,
    };
  },
};
