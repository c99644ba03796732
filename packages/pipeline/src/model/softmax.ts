import type { Element } from "./elements.js";
import { checkSettings } from "./settings.js";

/** A layer of its own; in channels last it goes over the last axis of a flat output. */
const softmaxSettings = { fixed: { axis: [-1, 1] } };

/**
 * A chain without the softmax that it ends in, be it a layer of its own or the activation of the
 * last one. The loss applies it, and so do predictions: what learns is a model of logits.
 */
export function withoutLastSoftmax(chain: readonly Element[]): readonly Element[] {
  const last = chain[chain.length - 1];
  if (!last || "main" in last) return chain;
  const before = chain.slice(0, -1);
  const { className, config, path } = last;
  if (className === "Softmax") {
    checkSettings(className, softmaxSettings, config, `${path}.config`);
    return before;
  }
  if (config.activation !== "softmax") return chain;
  return [...before, { ...last, config: { ...config, activation: "linear" } }];
}
