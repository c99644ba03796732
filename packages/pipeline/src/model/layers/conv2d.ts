import { expected } from "../../errors.js";
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
 * Two-dimensional convolution, channels last, over all channels or groups of them; the kernel is
 * [height, width, in / groups, filters].
 */
export const conv2d: LayerKind<Configuration<"conv2d">> = {
  className: "Conv2D",
  kind: "conv2d",
  backward: { keepsGradient: true },
  settings: {
    read: [
      ...["filters", "kernel_size", "strides", "padding", "dilation_rate", "groups"],
      ...["use_bias", "activation"],
    ],
    fixed: { ...channelsLast, rank: [2] },
    parameters: ["kernel", "bias"],
  },
  parse(config, path) {
    const strides = readPair(config, "strides", path, [1, 1]);
    return {
      kind: "conv2d",
      filters: readCount(config, "filters", path),
      kernelSize: readPair(config, "kernel_size", path),
      strides,
      dilations: readDilations(config, strides, path),
      groups: config.groups === undefined ? 1 : readCount(config, "groups", path),
      padding: readPadding(config, path),
      useBias: readFlag(config, "use_bias", path, true),
      activation: readActivation(config, path),
    };
  },
  bind(configuration, inputShape, path) {
    const { filters, kernelSize, strides, dilations, groups, padding, useBias } = configuration;
    const [, , channels] = requireImage(inputShape, path);
    if (channels % groups !== 0 || filters % groups !== 0)
      throw expected(
        `groups that divide ${channels} channels and ${filters} filters`,
        `${path}.config.groups`,
        groups,
      );
    const window = reach(kernelSize, dilations);
    const [height, width] = requirePlaces(inputShape, window, strides, padding, path);
    const shape = [...kernelSize, channels / groups, filters];
    const kernel = { name: "kernel", shape, initial: glorotUniform(shape) };
    const bias = { name: "bias", shape: [filters], initial: 0 };
    const taps = kernelSize[0] * kernelSize[1];
    return {
      outputShape: [height, width, filters],
      parameters: useBias ? [kernel, bias] : [kernel],
      operations: 2 * taps * (channels / groups) * filters * height * width,
    };
  },
};
