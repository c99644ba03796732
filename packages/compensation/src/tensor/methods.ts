import type { CompensationContext } from "../contract.js";
import type { Tensor } from "./contract.js";

/** Options with their defaults filled in. */
interface TensorSettings {
  readonly lambda: number;
  readonly emaDecay: number;
  readonly lambdaRate: number;
  readonly lambdaPenalty: number;
  readonly delayStrength: number;
  readonly capStrength: number;
  readonly trustRadius: number;
}

/** What a method knows of one gradient. */
export interface TensorCall<T extends Tensor<T>> {
  readonly gradient: T;
  /** At least one. */
  readonly versions: readonly T[];
  /** d = newest - oldest version. */
  readonly change: T;
  readonly context: CompensationContext;
  readonly settings: TensorSettings;
  /** Gradients so far, this one included. */
  readonly count: number;
  /** A tensor that is kept until the next call: the last value set, or `start`. */
  get(name: string, start: "zeros" | number): T;
  set(name: string, value: T): T;
}

/** m = decay m + (1 - decay) g^2, kept. */
function meanSquare<T extends Tensor<T>>({ gradient, get, set }: TensorCall<T>, decay: number): T {
  const before = get("meanSquare", "zeros");
  return set("meanSquare", before.mul(decay).add(gradient.square().mul(1 - decay)));
}

/** g clamp(1 + lambda g d, 0, 2) */
const fisherStep = <T extends Tensor<T>>(gradient: T, change: T, lambda: T | number): T =>
  gradient.mul(gradient.mul(change).mul(lambda).add(1).clipByValue(0, 2));

/** One step for each intervening version; lambda as in `iterFisher`. */
function iterFisher<T extends Tensor<T>>({
  gradient,
  versions,
  settings,
  get,
  set,
}: TensorCall<T>): T {
  if (versions.length < 2) return gradient.clone();
  const { emaDecay: decay, lambdaRate, lambdaPenalty } = settings;
  let lambda = get("lambda", settings.lambda);
  if (lambdaRate > 0) {
    const [previous, newest] = versions.slice(-2) as [T, T];
    const residual = get("residual", "zeros");
    const difference = gradient.sub(residual).mul(1 - decay);
    const predicted = gradient.square().mul(newest.sub(previous));
    const fisher = get("fisher", "zeros")
      .mul(decay)
      .add(predicted.mul(1 - decay));
    const scale = fisher.square().sum().add(lambdaPenalty).maximum(1e-30);
    const best = fisher.mul(difference).sum().div(scale);
    set("fisher", fisher);
    set("residual", residual.add(difference));
    lambda = set("lambda", lambda.sub(lambda.sub(best).mul(2 * lambdaRate)).maximum(0));
  }
  let repaired = gradient;
  for (let step = 1; step < versions.length; step++) {
    const change = (versions[step] as T).sub(versions[step - 1] as T);
    repaired = fisherStep(repaired, change, lambda);
  }
  return repaired;
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
};
