import { copySamples } from "../buffer/reservoir.js";
import type { AlgorithmShape, OclAlgorithm } from "../contract.js";
import { softmaxCrossEntropy } from "../loss/cross-entropy.js";

/**
 * Learns every item once with mean cross entropy and keeps nothing: the baseline that forgets.
 *
 * Under a pipeline nothing changes for it: the batch is the item, whatever the weights' version.
 */
export function vanilla({ batch, inputLength, classes }: AlgorithmShape): OclAlgorithm {
  return {
    name: "vanilla",
    learnBatch: batch,
    memoryBytes: { replay: 0, algorithm: 0 },
    compose(item, target) {
      copySamples(item.x, 0, target.x, 0, item.size, inputLength);
      for (let sample = 0; sample < item.size; sample++)
        target.labels[sample] = item.labels[sample] as number;
      return item.size;
    },
    loss: (logits, { labels, size }, gradient) =>
      softmaxCrossEntropy(logits, labels, size, classes, gradient),
    save: () => null,
    restore() {},
  };
}
