import type { AlgorithmSetting, AlgorithmShape, OclAlgorithm } from "../contract.js";
import { copySamples } from "../copy-samples.js";
import { objectiveOf } from "../loss/objective.js";
import { AlgorithmState } from "../state.js";

/** The settings that `vanilla` takes. */
export const vanillaSettings: readonly AlgorithmSetting[] = [];

/**
 * Learns every item once with its mean loss (cross entropy, in regression squared error) and keeps
 * nothing: the baseline that forgets.
 *
 * A pipeline changes nothing for it: the batch is the item, whatever the version of the weights.
 */
export function vanilla(shape: AlgorithmShape): OclAlgorithm {
  const { batch, inputLength } = shape;
  const objective = objectiveOf(shape);
  const state = new AlgorithmState({ algorithm: "vanilla", shape }, {});
  return {
    name: "vanilla",
    learnBatch: batch,
    ...objective.traits,
    memoryBytes: { replay: 0, algorithm: 0 },
    compose(item, target) {
      copySamples(item.x, 0, target.x, 0, item.size, inputLength);
      for (let sample = 0; sample < item.size; sample++)
        objective.copy(item, sample, target, sample);
      return item.size;
    },
    loss: objective.loss,
    save: () => state.save(),
    restore: (saved) => state.restore(saved),
  };
}
