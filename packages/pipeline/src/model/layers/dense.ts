import { expected } from "../../errors.js";
import type { LayerConfiguration, LayerKind } from "../layer.js";
import { readActivation, readCount, readFlag } from "../read.js";

type Dense = Extract<LayerConfiguration, { kind: "dense" }>;

/** y = activation(x W + b); W is [inputs, units]. */
export const dense: LayerKind<Dense> = {
  className: "Dense",
  parse: (config, path) => ({
    kind: "dense",
    units: readCount(config, "units", path),
    useBias: readFlag(config, "use_bias", path, true),
    activation: readActivation(config, path),
  }),
  bind({ units, useBias }, inputShape, path) {
    if (inputShape.length !== 1)
      throw expected(
        "flat input (put a Flatten layer before it)",
        path,
        `input shape [${inputShape}]`,
      );
    const inputs = inputShape[0] as number;
    const kernel = { name: "kernel", shape: [inputs, units], fanIn: inputs, fanOut: units };
    const bias = { name: "bias", shape: [units], fanIn: 0, fanOut: 0 };
    return {
      outputShape: [units],
      parameters: useBias ? [kernel, bias] : [kernel],
      operations: 2 * inputs * units,
    };
  },
};
