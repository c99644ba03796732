import type { Prediction } from "./contract.js";

/**
 * Classes and probabilities of logits [n, classes], which become the probabilities. Where logits
 * are not finite, as of a learner that has run away, so are its probabilities, and the label is 0.
 */
export function predictionOf(logits: Float32Array, classes: number): Prediction {
  const labels = new Int32Array(logits.length / classes);
  for (let sample = 0; sample < labels.length; sample++) {
    const row = sample * classes;
    let best = 0;
    for (let label = 1; label < classes; label++)
      if ((logits[row + label] as number) > (logits[row + best] as number)) best = label;
    const largest = logits[row + best] as number;
    let sum = 0;
    for (let index = row; index < row + classes; index++) {
      // Against the largest, so that none overflows.
      const share = Math.exp((logits[index] as number) - largest);
      logits[index] = share;
      sum += share;
    }
    for (let index = row; index < row + classes; index++)
      logits[index] = (logits[index] as number) / sum;
    labels[sample] = best;
  }
  return { label: labels[0] as number, labels, probabilities: logits };
}
