/**
 * Mean softmax cross entropy and its gradient at the logits,
 *
 * ```
 * loss = 1/size Σ_r log Σ_c exp(z[r, c]) - z[r, label_r]
 * gradient[r, c] = (softmax(z[r])[c] - [c = label_r]) / size
 * ```
 *
 * stable for logits of any size. Allocates nothing.
 *
 * @param logits [size, classes]
 * @param gradient [size, classes]; may be the same array as `logits`.
 */
export function softmaxCrossEntropy(
  logits: Float32Array,
  labels: Int32Array,
  size: number,
  classes: number,
  gradient: Float32Array,
): number {
  let total = 0;
  for (let sample = 0; sample < size; sample++) {
    const row = sample * classes;
    const label = row + (labels[sample] as number);
    let largest = Number.NEGATIVE_INFINITY;
    for (let index = row; index < row + classes; index++)
      largest = Math.max(largest, logits[index] as number);
    let sum = 0;
    for (let index = row; index < row + classes; index++)
      sum += Math.exp((logits[index] as number) - largest);
    // Read before the gradient may overwrite it.
    total += Math.log(sum) + largest - (logits[label] as number);
    for (let index = row; index < row + classes; index++) {
      const probability = Math.exp((logits[index] as number) - largest) / sum;
      gradient[index] = (probability - (index === label ? 1 : 0)) / size;
    }
  }
  return total / size;
}

/** Cross entropy of one sample (row) of logits [size, classes], stable for logits of any size. */
export function crossEntropyOf(
  logits: Float32Array,
  sample: number,
  label: number,
  classes: number,
): number {
  const row = sample * classes;
  let largest = Number.NEGATIVE_INFINITY;
  for (let index = row; index < row + classes; index++)
    largest = Math.max(largest, logits[index] as number);
  let sum = 0;
  for (let index = row; index < row + classes; index++)
    sum += Math.exp((logits[index] as number) - largest);
  return Math.log(sum) + largest - (logits[row + label] as number);
}
