import { expected } from "../../errors.js";
import { glorotUniform } from "../initial.js";
import type { Configuration, LayerKind } from "../layer.js";
import { readActivation, readCount, readFlag } from "../read.js";

/** y = activation(x W + b); W is [inputs, units]. */
export const dense: LayerKind<Configuration<"dense">> = {
  className: "Dense",
  kind: "dense",
  backward: { keepsGradient: true },
  settings: { read: ["units", "use_bias", "activation"], parameters: ["kernel", "bias"] },
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
    const kernel = {
      name: "kernel",
      shape: [inputs, units],
      initial: glorotUniform([inputs, units]),
    };
    const bias = { name: "bias", shape: [units], initial: 0 };
    return {
      outputShape: [units],
      parameters: useBias ? [kernel, bias] : [kernel],
      operations: 2 * inputs * units,
    };
  },
};
