import type { TensorCall } from "./call.js";
import type { Tensor } from "./contract.js";
import { driftAware } from "./drift-aware.js";
import { fisherStep, iterFisher } from "./iter-fisher.js";
import { secant } from "./secant.js";

/** m = decay m + (1 - decay) g^2, kept. */
function meanSquare<T extends Tensor<T>>({ gradient, get, set }: TensorCall<T>, decay: number): T {
  const before = get("meanSquare", "zeros");
  return set("meanSquare", before.mul(decay).add(gradient.square().mul(1 - decay)));
}

/** One row a method; formulas and sources stand with its form on arrays. */
export const tensorMethods: Readonly<
  Record<string, <T extends Tensor<T>>(call: TensorCall<T>) => T>
> = {
  none: ({ gradient }) => gradient.clone(),
  "step-aware": ({ gradient, context }) => gradient.div(context.staleness + 1),
  "gap-aware": (call) => {
    const { learningRate } = call.context;
    const scale = learningRate / Math.sqrt(1 - 0.999 ** call.count);
    const usual = meanSquare(call, 0.999).sqrt().mul(scale);
    const floor = Math.max(learningRate * 1e-8, 1e-30);
    return call.gradient.div(call.change.abs().div(usual.add(floor)).add(1));
  },
  fisher: ({ gradient, change, settings }) => fisherStep(gradient, change, settings.lambda),
  "adaptive-fisher": (call) => {
    const root = meanSquare(call, 0.95).add(1e-7).sqrt();
    const relative = call.gradient.mul(call.change).mul(call.settings.lambda).div(root);
    return call.gradient.mul(relative.add(1).clipByValue(0, 2));
  },
  "iter-fisher": iterFisher,
  "drift-aware": driftAware,
  "closed-form": ({ gradient, change, settings }) =>
    gradient.div(gradient.mul(change).mul(-settings.lambda).add(1).maximum(0.5)),
  "delay-adaptive": ({ gradient, context, settings }) =>
    gradient.div(1 + settings.delayStrength * context.staleness * context.learningRate),
  "fisher-cap": (call) => {
    const { staleness, learningRate } = call.context;
    const strength = call.settings.capStrength * staleness * learningRate;
    const corrected = strength / (1 - 0.99 ** call.count);
    return call.gradient.div(meanSquare(call, 0.99).mul(corrected).add(1));
  },
  "block-fisher": ({ gradient, change, settings: { lambda, trustRadius } }) => {
    const factor = gradient.mul(change).sum().mul(lambda);
    return gradient.mul(factor.clipByValue(-trustRadius, trustRadius).add(1));
  },
  secant,
};
