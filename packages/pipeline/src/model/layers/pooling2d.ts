import type { BackwardTraits, Configuration, LayerKind } from "../layer.js";
import { readPadding, readPair } from "../read.js";
import { align64, paddedElementCount } from "../shape.js";
import { imageDefaults, requireImage, requirePlaces } from "./image.js";

type Pooling2D = Configuration<"maxPooling2d" | "averagePooling2d">;

function pooling(
  className: string,
  kind: Pooling2D["kind"],
  backward: BackwardTraits<Pooling2D> = {},
): LayerKind<Pooling2D> {
  return {
    className,
    kind,
    backward,
    settings: { read: ["pool_size", "strides", "padding"], fixed: imageDefaults },
    parse(config, path) {
      const poolSize = readPair(config, "pool_size", path, [2, 2]);
      const strides = readPair(config, "strides", path, poolSize);
      return { kind, poolSize, strides, padding: readPadding(config, path) };
    },
    bind({ poolSize, strides, padding }, inputShape, path) {
      const [, , channels] = requireImage(inputShape, path);
      const [height, width] = requirePlaces(inputShape, poolSize, strides, padding, path);
      return {
        outputShape: [height, width, channels],
        parameters: [],
        operations: height * width * channels * poolSize[0] * poolSize[1],
      };
    },
  };
}

/** Largest value of each window. */
export const maxPooling2d = pooling("MaxPooling2D", "maxPooling2d", {
  passesRectifier: true,
  // Which element of a window won, if any: one byte each, four where it has more than 255.
  extraBytes: ({ poolSize: [height, width] }, { outputShape }, batch) =>
    align64(batch * paddedElementCount(outputShape) * (height * width > 255 ? 4 : 1)),
});

/** Mean of each window; padding does not count. */
export const averagePooling2d = pooling("AveragePooling2D", "averagePooling2d");
