import type { LayerElement } from "../elements.js";
import { checkSettings, type Settings } from "../settings.js";
import { channelsLast } from "./image.js";

const settings: Settings = {
  read: [
    ...["filters", "kernel_size", "strides", "padding", "dilation_rate", "depth_multiplier"],
    ...["use_bias", "activation"],
  ],
  fixed: { ...channelsLast, groups: [1], rank: [2] },
  parameters: ["depthwise", "pointwise", "bias"],
};

/**
 * Each channel convolved by itself, then all of them pixel by pixel: two layers, whose parameters have
 * the names and the order of the one.
 */
export const separableConv2d = {
  className: "SeparableConv2D",
  settings,
  expand(element: LayerElement): LayerElement[] {
    const { className, config, name, path } = element;
    checkSettings(className, settings, config, `${path}.config`);
    const pick = (keys: readonly string[]) =>
      Object.fromEntries(Object.entries(config).filter(([key]) => keys.includes(key)));
    return [
      {
        className: "DepthwiseConv2D",
        name: `${name}_depthwise`,
        path,
        owner: { name, renames: {} },
        config: { ...pick(ofDepthwise), use_bias: false },
      },
      {
        className: "Conv2D",
        name: `${name}_pointwise`,
        path,
        owner: { name, renames: { kernel: "pointwise_kernel" } },
        config: { ...pick(ofPointwise), kernel_size: 1 },
      },
    ];
  },
};

const ofDepthwise = [
  ...["kernel_size", "strides", "padding", "dilation_rate", "depth_multiplier"],
  ...["depthwise_initializer", "trainable", "batch_input_shape", "batch_shape"],
];
const ofPointwise = [
  ...["filters", "use_bias", "activation", "trainable"],
  ...["pointwise_initializer", "bias_initializer"],
];
