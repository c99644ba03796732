import { expected } from "../../errors.js";
import type { LayerConfiguration, LayerKind } from "../layer.js";
import { readPadding, readPair, requireDefault } from "../read.js";
import { slide } from "../shape.js";

type Pooling2D = Extract<LayerConfiguration, { kind: "maxPooling2d" | "averagePooling2d" }>;

function pooling(className: string, kind: Pooling2D["kind"]): LayerKind<Pooling2D> {
  return {
    className,
    parse(config, path) {
      requireDefault(config, "data_format", path, ["channels_last", "channelsLast"]);
      const poolSize = readPair(config, "pool_size", path, [2, 2]);
      const strides = readPair(config, "strides", path, poolSize);
      return { kind, poolSize, strides, padding: readPadding(config, path) };
    },
    bind({ poolSize, strides, padding }, inputShape, path) {
      if (inputShape.length !== 3)
        throw expected("input [height, width, channels]", path, `input shape [${inputShape}]`);
      const [inputHeight, inputWidth, channels] = inputShape as [number, number, number];
      const height = slide(inputHeight, poolSize[0], strides[0], padding).length;
      const width = slide(inputWidth, poolSize[1], strides[1], padding).length;
      if (height < 1 || width < 1)
        throw expected(
          "input at least as large as the pool",
          path,
          `[${inputShape}] under a pool of [${poolSize}]`,
        );
      return {
        outputShape: [height, width, channels],
        parameters: [],
        operations: height * width * channels * poolSize[0] * poolSize[1],
      };
    },
  };
}

/** Largest value of each window. */
export const maxPooling2d = pooling("MaxPooling2D", "maxPooling2d");

/** Mean of each window; padding does not count. */
export const averagePooling2d = pooling("AveragePooling2D", "averagePooling2d");
