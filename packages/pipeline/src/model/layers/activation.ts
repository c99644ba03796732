import { expected } from "../../errors.js";
import type { Configuration, LayerKind } from "../layer.js";
import { readActivation } from "../read.js";
import { elementCount, type Shape } from "../shape.js";

type ActivationLayer = Configuration<"activation">;

const bind = (_configuration: ActivationLayer, inputShape: Shape) => ({
  outputShape: inputShape,
  parameters: [],
  operations: elementCount(inputShape),
});

/** An activation by name. */
export const activation: LayerKind<ActivationLayer> = {
  className: "Activation",
  kind: "activation",
  settings: { read: ["activation"] },
  parse: (config, path) => ({ kind: "activation", activation: readActivation(config, path) }),
  bind,
};

/** The rectifier, open ended or cut off at 6. */
export const rectifier: LayerKind<ActivationLayer> = {
  className: "ReLU",
  kind: "activation",
  settings: { read: ["max_value"], fixed: { negative_slope: [0], threshold: [0] } },
  parse(config, path) {
    const most = config.max_value ?? null;
    if (most !== null && most !== 6) throw expected("null or 6", `${path}.max_value`, most);
    return { kind: "activation", activation: most === null ? "relu" : "relu6" };
  },
  bind,
};
