import { crossEntropyOf } from "./cross-entropy.js";

/** Settings of knowledge distillation. */
export interface Distillation {
  /** [size, classes] */
  readonly logits: Float32Array;
  readonly labels: Int32Array;
  /** A teacher's logits, [size, classes]; -∞ for a class that it does not know. */
  readonly targets: Float32Array;
  readonly size: number;
  readonly classes: number;
  /** Weight of the teacher's term. */
  readonly alpha: number;
  readonly temperature: number;
}

/**
 * Mean cross entropy and a teacher's term, over the classes that the teacher knows,
 *
 * ```
 * p = softmax(targets / T), q = softmax(logits / T)
 * loss = 1/size Σ_r CE_r + α Σ_c p[r, c] (log p[r, c] - log q[r, c])
 * gradient[r, c] = (softmax(logits[r])[c] - [c = label_r] + α (q - p)[r, c] / T) / size
 * ```
 *
 * (Hinton et al. 2015 multiply the term by T²; here that is left to α.) Allocates nothing.
 *
 * @param gradient [size, classes]; may be the same array as `logits`.
 */
export function distilledCrossEntropy(of: Distillation, gradient: Float32Array): number {
  const { logits, labels, targets, size, classes, alpha, temperature } = of;
  let total = 0;
  for (let sample = 0; sample < size; sample++) {
    const [begin, end] = [sample * classes, (sample + 1) * classes];
    const label = labels[sample] as number;
    // All sums before the first write: the gradient may overwrite the logits.
    total += crossEntropyOf(logits, sample, label, classes);
    const all = logSumExp(logits, begin, end, 1, logits);
    const teacher = logSumExp(targets, begin, end, temperature, targets);
    const student = logSumExp(logits, begin, end, temperature, targets);
    for (let index = begin; index < end; index++) {
      const logit = logits[index] as number;
      let slope = Math.exp(logit - all) - (index - begin === label ? 1 : 0);
      const target = targets[index] as number;
      if (target !== Number.NEGATIVE_INFINITY) {
        const [logP, logQ] = [target / temperature - teacher, logit / temperature - student];
        const p = Math.exp(logP);
        total += alpha * p * (logP - logQ);
        slope += (alpha * (Math.exp(logQ) - p)) / temperature;
      }
      gradient[index] = slope / size;
    }
  }
  return total / size;
}

/** log Σ exp(values / T) from `begin` to `end`, where `mask` is not -∞. */
function logSumExp(
  values: Float32Array,
  begin: number,
  end: number,
  temperature: number,
  mask: Float32Array,
): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let index = begin; index < end; index++)
    if (mask[index] !== Number.NEGATIVE_INFINITY)
      largest = Math.max(largest, (values[index] as number) / temperature);
  let sum = 0;
  for (let index = begin; index < end; index++)
    if (mask[index] !== Number.NEGATIVE_INFINITY)
      sum += Math.exp((values[index] as number) / temperature - largest);
  return Math.log(sum) + largest;
}
