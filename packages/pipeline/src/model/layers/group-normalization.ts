import { expected } from "../../errors.js";
import { isRectifier } from "../activation.js";
import type { Configuration, LayerKind } from "../layer.js";
import { readEpsilon, readFlag } from "../read.js";
import { align64, elementCount } from "../shape.js";
import { requireImage } from "./image.js";
import {
  affineParameters,
  affineSettings,
  channelsOf,
  noActivation,
  operationsPerElement,
  requireChannels,
} from "./normalization.js";

/**
 * Each group of channels of each sample to mean 0 and variance 1, over height and width too (Wu and
 * He 2018, arXiv 1803.08494).
 */
export const groupNormalization: LayerKind<Configuration<"groupNormalization">> = {
  className: "GroupNormalization",
  kind: "groupNormalization",
  backward: {
    readsInput: () => true,
    makesAgain: ({ activation }) => activation === "linear" || isRectifier(activation),
    // A mean and an inverse deviation of each group, and gamma and beta.
    extraBytes: ({ groups }, layer, batch) =>
      align64(4 * (2 * batch * groups + 2 * channelsOf(layer))),
    pendingBytes: (_, layer) => (layer.parameterCount > 0 ? align64(4 * 4 * channelsOf(layer)) : 0),
  },
  settings: {
    read: [...affineSettings, "groups"],
    fixed: noActivation,
    parameters: ["gamma", "beta"],
  },
  parse(config, path, inputShape) {
    requireChannels(config, path, inputShape);
    const [, , channels] = requireImage(inputShape, path);
    const given = config.groups ?? 32;
    // Keras means a group for each channel by -1.
    const groups = given === -1 ? channels : given;
    if (!Number.isInteger(groups) || (groups as number) < 1 || channels % (groups as number) !== 0)
      throw expected(`number that divides ${channels} channels, or -1,`, `${path}.groups`, given);
    return {
      kind: "groupNormalization",
      groups: groups as number,
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
