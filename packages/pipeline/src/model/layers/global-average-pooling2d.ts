import type { LayerKind } from "../layer.js";
import { requireDefault } from "../read.js";
import { elementCount } from "../shape.js";
import { requireImage, requireImageDefaults } from "./image.js";

/** Mean of each channel over height and width: one flat vector a sample. */
export const globalAveragePooling2d: LayerKind = {
  className: "GlobalAveragePooling2D",
  parse(config, path) {
    requireImageDefaults(config, path);
    requireDefault(config, "keepdims", path, [false]);
    return { kind: "globalAveragePooling2d" };
  },
  bind(_configuration, inputShape, path) {
    const [, , channels] = requireImage(inputShape, path);
    return { outputShape: [channels], parameters: [], operations: elementCount(inputShape) };
  },
};
