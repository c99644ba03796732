import type { AlgorithmShape, LearnedBatch, ReplayLoss } from "../contract.js";
import { checkName } from "../errors.js";
import { objectiveOf } from "./objective.js";

const replayLosses: readonly ReplayLoss[] = ["mean", "sum"];

/** The loss of an item and of what is replayed with it. */
export interface ReplayObjective {
  /** What an algorithm says of itself, see `OclAlgorithm`. */
  readonly traits: { readonly learnsTargets?: true; readonly targetLength?: number };
  /** To be called when an item of `itemSize` samples and what is replayed, `size` in all, is composed. */
  weigh(targets: Float32Array, itemSize: number, size: number): void;
  /** Loss of the batch; writes its gradient at the outputs. */
  loss(outputs: Float32Array, batch: LearnedBatch, gradient: Float32Array): number;
}

/**
 * The loss of an item, B samples, and of what is replayed with it, R samples:
 *
 * ```
 * mean:  1/(B + R) (Σ_item l + Σ_replayed l)
 * sum:   1/B Σ_item l + 1/R Σ_replayed l
 * ```
 *
 * The gradient of `sum` is twice as large where B = R, and an item that is smaller than what is
 * replayed does not lose weight to it. For that each sample's weight, 1/B or 1/R, travels with the
 * batch, behind all other targets.
 *
 * @param learnBatch the most samples that are composed.
 * @throws InputError for a kind that is not one of these.
 */
export function replayObjective(
  shape: AlgorithmShape,
  kind: ReplayLoss,
  learnBatch: number,
): ReplayObjective {
  checkName("replayLoss", kind, replayLosses);
  const objective = objectiveOf(shape);
  if (kind === "mean")
    return { traits: objective.traits, weigh() {}, loss: (...call) => objective.loss(...call) };
  const { classes } = shape;
  const behind = learnBatch * objective.targetLength;
  return {
    traits: { ...objective.traits, targetLength: objective.targetLength + 1 },
    weigh(targets, itemSize, size) {
      targets.fill(1 / itemSize, behind, behind + itemSize);
      targets.fill(1 / (size - itemSize), behind + itemSize, behind + size);
    },
    loss(outputs, batch, gradient) {
      const { targets, size } = batch;
      let sum = 0;
      // Before the gradient may overwrite the outputs.
      for (let sample = 0; sample < size; sample++)
        sum += (targets[behind + sample] as number) * objective.lossOf(outputs, batch, sample);
      objective.loss(outputs, batch, gradient);
      for (let sample = 0; sample < size; sample++) {
        const scale = size * (targets[behind + sample] as number);
        for (let index = sample * classes; index < (sample + 1) * classes; index++)
          gradient[index] = scale * (gradient[index] as number);
      }
      return sum;
    },
  };
}
