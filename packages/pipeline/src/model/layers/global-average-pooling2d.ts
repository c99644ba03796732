import type { LayerKind } from "../layer.js";
import { elementCount } from "../shape.js";
import { imageDefaults, requireImage } from "./image.js";

/** Mean of each channel over height and width: one flat vector a sample. */
export const globalAveragePooling2d: LayerKind = {
  className: "GlobalAveragePooling2D",
  kind: "globalAveragePooling2d",
  settings: { fixed: { ...imageDefaults, keepdims: [false] } },
  parse: () => ({ kind: "globalAveragePooling2d" }),
  bind(_configuration, inputShape, path) {
    const [, , channels] = requireImage(inputShape, path);
    return { outputShape: [channels], parameters: [], operations: elementCount(inputShape) };
  },
};
