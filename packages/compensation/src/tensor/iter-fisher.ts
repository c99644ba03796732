import type { TensorCall } from "./call.js";
import type { Tensor } from "./contract.js";

/** As `IterFisherOptions`. */
export interface IterFisherSettings {
  readonly lambda: number;
  readonly emaDecay: number;
  readonly lambdaRate: number;
  readonly lambdaPenalty: number;
}

/** g clamp(1 + lambda g d, 0, 2) */
export const fisherStep = <T extends Tensor<T>>(gradient: T, change: T, lambda: T | number): T =>
  gradient.mul(gradient.mul(change).mul(lambda).add(1).clipByValue(0, 2));

/** One step for each intervening version; lambda as in `iterFisher`. */
export function iterFisher<T extends Tensor<T>>({
  gradient,
  versions,
  settings,
  get,
  set,
}: TensorCall<T, IterFisherSettings>): T {
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
