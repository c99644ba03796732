import { expected } from "../../errors.js";
import { isRectifier } from "../activation.js";
import type { BackwardTraits, Configuration, Layer, LayerKind, ParameterTensor } from "../layer.js";
import { readEpsilon, readFlag, readShare, requireDefault } from "../read.js";
import { align64, elementCount, type Shape } from "../shape.js";
import { requireImage } from "./image.js";

/** Sum; subtract, square, sum; subtract, scale by the deviation, by gamma, add beta. */
export const operationsPerElement = 8;

interface Affine {
  readonly scale: boolean;
  readonly center: boolean;
}

export function affineParameters({ scale, center }: Affine, channels: number): ParameterTensor[] {
  return [
    ...(scale ? [{ name: "gamma", shape: [channels], initial: 1 }] : []),
    ...(center ? [{ name: "beta", shape: [channels], initial: 0 }] : []),
  ];
}

/**
 * Only channels can be the axis; Keras writes it as a number or as a list of one. None would mean
 * the whole sample, where it is written.
 */
export function requireChannels(
  config: Record<string, unknown>,
  path: string,
  { length }: Shape,
): void {
  if (config.axis === null) throw expected("-1", `${path}.axis`, null);
  requireDefault(config, "axis", path, [-1, length, [-1], [length]]);
}

export const channelsOf = ({ outputShape }: Layer) => outputShape[outputShape.length - 1] as number;

type Normalization = Configuration<"batchNormalization" | "instanceNormalization">;

const backward: BackwardTraits<Normalization> = {
  readsInput: () => true,
  // From its input, with the derivative of no other activation than a rectifier.
  makesAgain: ({ activation }) => activation === "linear" || isRectifier(activation),
  // A mean and an inverse deviation for each set that is normalised, and gamma and beta, from
  // which the output can be made again.
  extraBytes: ({ kind }, layer, batch) =>
    align64(4 * (2 * (kind === "batchNormalization" ? 1 : batch) + 2) * channelsOf(layer)),
  // Gradients at gamma, beta and both moving statistics.
  pendingBytes: (_, layer) => (layer.parameterCount > 0 ? align64(4 * 4 * channelsOf(layer)) : 0),
};

export const affineSettings = ["axis", "epsilon", "center", "scale"];
export const noActivation = { activation: ["linear"] };

/**
 * Each channel to mean 0 and variance 1 over batch, height and width: by the batch's own (biased)
 * statistics while learning, by moving ones while predicting. The moving ones are parameters.
 */
export const batchNormalization: LayerKind<Configuration<"batchNormalization">> = {
  className: "BatchNormalization",
  kind: "batchNormalization",
  backward,
  settings: {
    read: [...affineSettings, "momentum"],
    fixed: { ...noActivation, synchronized: [false], renorm: [false], virtual_batch_size: [] },
    // Two ways to the same figures, and the settings of a renormalisation that is off.
    harmless: ["fused", "renorm_clipping", "renorm_momentum"],
    parameters: ["gamma", "beta", "moving_mean", "moving_variance"],
  },
  parse(config, path, inputShape) {
    requireChannels(config, path, inputShape);
    return {
      kind: "batchNormalization",
      epsilon: readEpsilon(config, path),
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
  kind: "instanceNormalization",
  backward,
  settings: { read: affineSettings, fixed: noActivation, parameters: ["gamma", "beta"] },
  parse(config, path, inputShape) {
    requireChannels(config, path, inputShape);
    return {
      kind: "instanceNormalization",
      epsilon: readEpsilon(config, path),
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
