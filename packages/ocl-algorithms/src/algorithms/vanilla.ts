import type { AlgorithmSetting, AlgorithmShape, OclAlgorithm } from "../contract.js";
import { copyItem } from "../copy-samples.js";
import { softmaxCrossEntropy } from "../loss/cross-entropy.js";
import { AlgorithmState } from "../state.js";

/** The settings that `vanilla` takes. */
export const vanillaSettings: readonly AlgorithmSetting[] = [];

/**
 * Learns every item once with mean cross entropy and keeps nothing: the baseline that forgets.
 *
 * A pipeline changes nothing for it: the batch is the item, whatever the version of the weights.
 */
export function vanilla(shape: AlgorithmShape): OclAlgorithm {
  const { batch, inputLength, classes } = shape;
  const state = new AlgorithmState({ algorithm: "vanilla", shape }, {});
  return {
    name: "vanilla",
    learnBatch: batch,
    memoryBytes: { replay: 0, algorithm: 0 },
    compose: (item, target) => copyItem(item, target, inputLength),
    loss: (logits, { labels, size }, gradient) =>
      softmaxCrossEntropy(logits, labels, size, classes, gradient),
    save: () => state.save(),
    restore: (saved) => state.restore(saved),
  };
}
