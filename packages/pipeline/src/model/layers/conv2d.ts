import { glorotUniform } from "../initial.js";
import type { Configuration, LayerKind } from "../layer.js";
import { readActivation, readCount, readFlag, readPadding, readPair } from "../read.js";
import { imageDefaults, requireImage, requirePlaces } from "./image.js";

/** Two-dimensional convolution, channels last; the kernel is [height, width, in, filters]. */
export const conv2d: LayerKind<Configuration<"conv2d">> = {
  className: "Conv2D",
  kind: "conv2d",
  backward: { keepsGradient: true },
  settings: {
    read: ["filters", "kernel_size", "strides", "padding", "use_bias", "activation"],
    fixed: { ...imageDefaults, groups: [1], rank: [2] },
    parameters: ["kernel", "bias"],
  },
  parse(config, path) {
    return {
      kind: "conv2d",
      filters: readCount(config, "filters", path),
      kernelSize: readPair(config, "kernel_size", path),
      strides: readPair(config, "strides", path, [1, 1]),
      padding: readPadding(config, path),
      useBias: readFlag(config, "use_bias", path, true),
      activation: readActivation(config, path),
    };
  },
  bind({ filters, kernelSize, strides, padding, useBias }, inputShape, path) {
    const [, , channels] = requireImage(inputShape, path);
    const [height, width] = requirePlaces(inputShape, kernelSize, strides, padding, path);
    const window = kernelSize[0] * kernelSize[1];
    const shape = [...kernelSize, channels, filters];
    const kernel = { name: "kernel", shape, initial: glorotUniform(shape) };
    const bias = { name: "bias", shape: [filters], initial: 0 };
    return {
      outputShape: [height, width, filters],
      parameters: useBias ? [kernel, bias] : [kernel],
      operations: 2 * window * channels * filters * height * width,
    };
  },
};
