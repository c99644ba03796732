import type { LearningAlgorithm } from "../execute/algorithm.js";

/**
 * An algorithm whose loss weighs the samples of the item: the gradient at the logits of sample i is
 * `weights()[i]` times as large. Replayed samples count once. It must write the item's samples to the
 * front of what it composes, as those of ocl-algorithms do, and its loss must be a mean of terms
 * that know one sample each.
 *
 * Weights travel with the batch, behind the algorithm's own targets.
 *
 * @param classes logits of a sample.
 * @param weights gives those of the item's samples, read when it is composed.
 */
export function withWeights(
  algorithm: LearningAlgorithm,
  classes: number,
  weights: () => Float32Array,
): LearningAlgorithm {
  const { name, learnBatch, targetLength = 0, learnsTargets, passes, modelBatch } = algorithm;
  const { features, referenceBatch, attach, regularise, regulariseWhole, predict } = algorithm;
  const behind = learnBatch * targetLength;
  return {
    ...(name !== undefined && { name }),
    learnBatch,
    targetLength: targetLength + 1,
    ...(learnsTargets && { learnsTargets }),
    ...(passes && { passes }),
    ...(modelBatch !== undefined && { modelBatch }),
    ...(features && { features }),
    ...(referenceBatch !== undefined && { referenceBatch }),
    ...(attach && { attach: attach.bind(algorithm) }),
    ...(regularise && { regularise: regularise.bind(algorithm) }),
    ...(regulariseWhole && { regulariseWhole: regulariseWhole.bind(algorithm) }),
    ...(predict && { predict: predict.bind(algorithm) }),
    compose(item, target) {
      const size = algorithm.compose(item, target);
      const own = weights();
      for (let sample = 0; sample < size; sample++)
        target.targets[behind + sample] = sample < item.size ? (own[sample] as number) : 1;
      return size;
    },
    loss(logits, batch, gradient) {
      const loss = algorithm.loss(logits, batch, gradient);
      for (let sample = 0; sample < batch.size; sample++) {
        const weight = batch.targets[behind + sample] as number;
        for (let index = sample * classes; index < (sample + 1) * classes; index++)
          gradient[index] = (gradient[index] as number) * weight;
      }
      return loss;
    },
  };
}
