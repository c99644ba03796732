import type { Configuration, LayerKind } from "../layer.js";
import { readEpsilon, readFlag } from "../read.js";
import { align64, elementCount } from "../shape.js";
import {
  affineParameters,
  affineSettings,
  channelsOf,
  noActivation,
  operationsPerElement,
  requireChannels,
} from "./normalization.js";

/**
 * The channels of each sample, of an image those of each pixel, to mean 0 and variance 1 (Ba et al.
 * 2016, arXiv 1607.06450).
 */
export const layerNormalization: LayerKind<Configuration<"layerNormalization">> = {
  className: "LayerNormalization",
  kind: "layerNormalization",
  backward: {
    readsInput: () => true,
    makesAgain: ({ activation }) => activation === "linear",
    // A mean and an inverse deviation of each pixel, and gamma and beta.
    extraBytes: (_, layer, batch) => {
      const channels = channelsOf(layer);
      const pixels = elementCount(layer.outputShape) / channels;
      return align64(4 * (2 * batch * pixels + 2 * channels));
    },
    pendingBytes: (_, layer) => (layer.parameterCount > 0 ? align64(4 * 4 * channelsOf(layer)) : 0),
  },
  settings: {
    read: affineSettings,
    fixed: { ...noActivation, rms_scaling: [false] },
    parameters: ["gamma", "beta"],
  },
  parse(config, path, inputShape) {
    requireChannels(config, path, inputShape);
    return {
      kind: "layerNormalization",
      epsilon: readEpsilon(config, path),
      center: readFlag(config, "center", path, true),
      scale: readFlag(config, "scale", path, true),
      activation: "linear",
    };
  },
  bind: (configuration, inputShape) => ({
    outputShape: inputShape,
    parameters: affineParameters(configuration, inputShape[inputShape.length - 1] as number),
    operations: operationsPerElement * elementCount(inputShape),
  }),
};
