import { expected } from "../../errors.js";
import { mix } from "../dropout-mask.js";
import type { Configuration, LayerKind } from "../layer.js";
import { align64, elementCount, paddedElementCount } from "../shape.js";

/**
 * While learning, makes zeros of a share of the values and divides the others by what is left
 * (Srivastava et al. 2014, JMLR 15); predicting lets all through. The zeros follow from the layer's
 * seed and the item.
 */
export const dropout: LayerKind<Configuration<"dropout">> = {
  className: "Dropout",
  kind: "dropout",
  // A bit for each value.
  backward: {
    extraBytes: (_, { outputShape }, batch) =>
      align64(Math.ceil((batch * paddedElementCount(outputShape)) / 8)),
  },
  settings: { read: ["rate", "seed"], fixed: { noise_shape: [] } },
  parse(config, path, _, { name, seed }) {
    const { rate } = config;
    if (typeof rate !== "number" || !(rate >= 0 && rate < 1))
      throw expected("number from 0 to below 1", `${path}.rate`, rate);
    const own = config.seed ?? null;
    if (own !== null && !Number.isSafeInteger(own))
      throw expected("a whole number or null", `${path}.seed`, own);
    return { kind: "dropout", rate, seed: mix(own === null ? seed ^ hash(name) : (own as number)) };
  },
  bind: (_configuration, inputShape) => ({
    outputShape: inputShape,
    parameters: [],
    operations: elementCount(inputShape),
  }),
};

function hash(text: string): number {
  return Array.from(text).reduce((bits, letter) => mix(bits + (letter.codePointAt(0) ?? 0)), 0);
}
