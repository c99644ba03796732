import type { Configuration, LayerKind, ParameterTensor } from "../layer.js";
import { readFlag, readShare, requireDefault } from "../read.js";
import { elementCount, type Shape } from "../shape.js";
import { requireImage } from "./image.js";

/** Sum; subtract, square, sum; subtract, scale by the deviation, by gamma, add beta. */
const operationsPerElement = 8;

interface Affine {
  readonly scale: boolean;
  readonly center: boolean;
}

function affineParameters({ scale, center }: Affine, channels: number): ParameterTensor[] {
  return [
    ...(scale ? [{ name: "gamma", shape: [channels], initial: 1 }] : []),
    ...(center ? [{ name: "beta", shape: [channels], initial: 0 }] : []),
  ];
}

/**
 * Only channels can be the axis; Keras writes it as a number or as a list of one. An activation is
 * a layer of its own in Keras, and folded into this one later.
 */
function requireDefaults(config: Record<string, unknown>, path: string, { length }: Shape): void {
  requireDefault(config, "axis", path, [-1, length, [-1], [length]]);
  requireDefault(config, "activation", path, ["linear"]);
}

/**
 * Each channel to mean 0 and variance 1 over batch, height and width: by the batch's own (biased)
 * statistics while learning, by moving ones while predicting. The moving ones are parameters.
 */
export const batchNormalization: LayerKind<Configuration<"batchNormalization">> = {
  className: "BatchNormalization",
  parse(config, path, inputShape) {
    requireDefaults(config, path, inputShape);
    return {
      kind: "batchNormalization",
      epsilon: readShare(config, "epsilon", path, 1e-3),
      momentum: readShare(config, "momentum", path, 0.99),
      center: readFlag(config, "center", path, true),
      scale: readFlag(config, "scale", path, true),
      activation: "linear",
    };
  },
  bind(configuration, inputShape) {
    const shape = [inputShape[inputShape.length - 1] as number];
    const { momentum } = configuration;
    return {
      outputShape: inputShape,
      parameters: [
        ...affineParameters(configuration, shape[0] as number),
        { name: "moving_mean", shape, initial: 0, momentum },
        { name: "moving_variance", shape, initial: 1, momentum },
      ],
      operations: operationsPerElement * elementCount(inputShape),
    };
  },
};

/** Each channel of each sample to mean 0 and variance 1 over height and width. */
export const instanceNormalization: LayerKind<Configuration<"instanceNormalization">> = {
  className: "InstanceNormalization",
  parse(config, path, inputShape) {
    requireDefaults(config, path, inputShape);
    return {
      kind: "instanceNormalization",
      epsilon: readShare(config, "epsilon", path, 1e-3),
      center: readFlag(config, "center", path, true),
      scale: readFlag(config, "scale", path, true),
      activation: "linear",
    };
  },
  bind(configuration, inputShape, path) {
    const [, , channels] = requireImage(inputShape, path);
    return {
      outputShape: inputShape,
      parameters: affineParameters(configuration, channels),
      operations: operationsPerElement * elementCount(inputShape),
    };
  },
};
