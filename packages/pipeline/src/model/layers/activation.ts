import { expected } from "../../errors.js";
import { derivativeFrom } from "../activation.js";
import type { BackwardTraits, Configuration, LayerKind } from "../layer.js";
import { readActivation, readSlope } from "../read.js";
import { elementCount, type Shape } from "../shape.js";

type ActivationLayer = Configuration<"activation">;

const bind = (_configuration: ActivationLayer, inputShape: Shape) => ({
  outputShape: inputShape,
  parameters: [],
  operations: elementCount(inputShape),
});

/** One whose derivative is told from its input reads it again, and can make its output of it. */
const readsInput = ({ activation }: ActivationLayer) => derivativeFrom(activation) === "input";
const backward: BackwardTraits<ActivationLayer> = { readsInput, makesAgain: readsInput };

/** An activation by name. */
export const activation: LayerKind<ActivationLayer> = {
  className: "Activation",
  kind: "activation",
  backward,
  settings: { read: ["activation"] },
  parse: (config, path) => ({ kind: "activation", activation: readActivation(config, path) }),
  bind,
};

/** The rectifier, open ended or cut off at 6. */
export const rectifier: LayerKind<ActivationLayer> = {
  className: "ReLU",
  kind: "activation",
  backward,
  settings: { read: ["max_value"], fixed: { negative_slope: [0], threshold: [0] } },
  parse(config, path) {
    const most = config.max_value ?? null;
    if (most !== null && most !== 6) throw expected("null or 6", `${path}.max_value`, most);
    return { kind: "activation", activation: most === null ? "relu" : "relu6" };
  },
  bind,
};

/** Lets a share of what is below 0 through; Keras 2 and tfjs call it `alpha`, Keras 3 `negative_slope`. */
export const leakyRectifier: LayerKind<ActivationLayer> = {
  className: "LeakyReLU",
  kind: "activation",
  backward,
  settings: { read: ["alpha", "negative_slope"], tfjsNames: { negative_slope: "alpha" } },
  parse(config, path) {
    const key = config.negative_slope === undefined ? "alpha" : "negative_slope";
    if (key === "negative_slope" && (config.alpha ?? null) !== null)
      throw expected("negative_slope or alpha alone", path, "both", "remove one of them");
    const alpha = readSlope(config, key, path, 0.3);
    return { kind: "activation", activation: { name: "leakyRelu", alpha } };
  },
  bind,
};

/** alpha (e^x - 1) below 0 (Clevert et al. 2015, arXiv 1511.07289). */
export const exponentialUnit: LayerKind<ActivationLayer> = {
  className: "ELU",
  kind: "activation",
  backward,
  settings: { read: ["alpha"] },
  parse: (config, path) => ({
    kind: "activation",
    activation: { name: "elu", alpha: readSlope(config, "alpha", path, 1) },
  }),
  bind,
};
