import type { LayerKind } from "../layer.js";
import { elementCount } from "../shape.js";
import { imageDefaults } from "./image.js";

/** One flat vector a sample, in channels-last order. Moves memory, computes nothing. */
export const flatten: LayerKind = {
  className: "Flatten",
  kind: "flatten",
  settings: { fixed: imageDefaults },
  parse: () => ({ kind: "flatten" }),
  bind: (_configuration, inputShape) => ({
    outputShape: [elementCount(inputShape)],
    parameters: [],
    operations: 0,
  }),
};
