import { glorotUniform } from "../initial.js";
import type { Configuration, LayerKind } from "../layer.js";
import {
  readActivation,
  readCount,
  readDilations,
  readFlag,
  readPadding,
  readPair,
} from "../read.js";
import { reach } from "../shape.js";
import { channelsLast, requireImage, requirePlaces } from "./image.js";

/**
 * Each channel convolved by itself, with one or several filters; the kernel is [height, width,
 * channels, filters a channel].
 */
export const depthwiseConv2d: LayerKind<Configuration<"depthwiseConv2d">> = {
  className: "DepthwiseConv2D",
  kind: "depthwiseConv2d",
  backward: { keepsGradient: true },
  settings: {
    read: [
      ...["kernel_size", "strides", "padding", "dilation_rate", "depth_multiplier"],
      ...["use_bias", "activation"],
    ],
    fixed: { ...channelsLast, groups: [1], rank: [2] },
    parameters: ["depthwise", "bias"],
  },
  parse(config, path) {
    const strides = readPair(config, "strides", path, [1, 1]);
    return {
      kind: "depthwiseConv2d",
      kernelSize: readPair(config, "kernel_size", path),
      strides,
      dilations: readDilations(config, strides, path),
      multiplier:
        config.depth_multiplier === undefined ? 1 : readCount(config, "depth_multiplier", path),
      padding: readPadding(config, path),
      useBias: readFlag(config, "use_bias", path, true),
      activation: readActivation(config, path),
    };
  },
  bind(configuration, inputShape, path) {
    const { kernelSize, strides, dilations, multiplier, padding, useBias } = configuration;
    const [, , channels] = requireImage(inputShape, path);
    const window = reach(kernelSize, dilations);
    const [height, width] = requirePlaces(inputShape, window, strides, padding, path);
    const shape = [...kernelSize, channels, multiplier];
    const filters = channels * multiplier;
    const kernel = { name: "depthwise_kernel", shape, initial: glorotUniform(shape) };
    const bias = { name: "bias", shape: [filters], initial: 0 };
    return {
      outputShape: [height, width, filters],
      parameters: useBias ? [kernel, bias] : [kernel],
      operations: 2 * kernelSize[0] * kernelSize[1] * filters * height * width,
    };
  },
};
