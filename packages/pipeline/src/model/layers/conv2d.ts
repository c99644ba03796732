import { expected } from "../../errors.js";
import type { LayerConfiguration, LayerKind } from "../layer.js";
import {
  readActivation,
  readCount,
  readFlag,
  readPadding,
  readPair,
  requireDefault,
} from "../read.js";
import { slide } from "../shape.js";

type Conv2D = Extract<LayerConfiguration, { kind: "conv2d" }>;

/** Two-dimensional convolution, channels last; the kernel is [height, width, in, filters]. */
export const conv2d: LayerKind<Conv2D> = {
  className: "Conv2D",
  parse(config, path) {
    requireDefault(config, "dilation_rate", path, [1, [1, 1]]);
    requireDefault(config, "groups", path, [1]);
    requireDefault(config, "data_format", path, ["channels_last", "channelsLast"]);
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
    if (inputShape.length !== 3)
      throw expected("input [height, width, channels]", path, `input shape [${inputShape}]`);
    const [inputHeight, inputWidth, channels] = inputShape as [number, number, number];
    const height = slide(inputHeight, kernelSize[0], strides[0], padding).length;
    const width = slide(inputWidth, kernelSize[1], strides[1], padding).length;
    if (height < 1 || width < 1)
      throw expected(
        "input at least as large as the kernel",
        path,
        `[${inputShape}] under a kernel of [${kernelSize}]`,
      );
    const window = kernelSize[0] * kernelSize[1];
    const kernel = {
      name: "kernel",
      shape: [...kernelSize, channels, filters],
      fanIn: window * channels,
      fanOut: window * filters,
    };
    const bias = { name: "bias", shape: [filters], fanIn: 0, fanOut: 0 };
    return {
      outputShape: [height, width, filters],
      parameters: useBias ? [kernel, bias] : [kernel],
      operations: 2 * window * channels * filters * height * width,
    };
  },
};
