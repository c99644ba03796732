import type { AlgorithmShape, Batch, LearnedBatch } from "../contract.js";
import { crossEntropyOf, softmaxCrossEntropy } from "./cross-entropy.js";
import { meanSquaredError, squaredErrorOf } from "./mean-squared-error.js";

/** What a loss is taken against: labels of classes or, in regression, targets. */
type Truth = Pick<LearnedBatch, "labels" | "size"> & Pick<Batch, "targets">;

/** What is to be learned of a sample, its class or its targets, and the loss of it. */
export interface Objective {
  /** Values a sample that lie in `targets`. */
  readonly targetLength: number;
  /** What an algorithm says of itself, see `OclAlgorithm`; of classification nothing. */
  readonly traits: { readonly learnsTargets?: true; readonly targetLength?: number };
  /** Copies what is to be learned of one sample. */
  copy(from: Truth, fromSample: number, to: Truth, toSample: number): void;
  /**
   * Mean loss; writes its gradient.
   * @param outputs what the model gives, [size, classes]; so is `gradient`, which may be this array.
   */
  loss(outputs: Float32Array, truth: Truth, gradient: Float32Array): number;
  /** Loss of one sample (row) of `outputs`. */
  lossOf(outputs: Float32Array, truth: Truth, sample: number): number;
}

/** That of a model: mean squared error where its shape says so, else softmax cross entropy. */
export function objectiveOf({
  classes,
  loss,
}: Pick<AlgorithmShape, "classes" | "loss">): Objective {
  return loss === "meanSquaredError" ? squaredError(classes) : crossEntropy(classes);
}

function crossEntropy(classes: number): Objective {
  return {
    targetLength: 0,
    traits: {},
    copy({ labels }, fromSample, to, toSample) {
      to.labels[toSample] = labels[fromSample] as number;
    },
    loss: (logits, { labels, size }, gradient) =>
      softmaxCrossEntropy(logits, labels, size, classes, gradient),
    lossOf: (logits, { labels }, sample) =>
      crossEntropyOf(logits, sample, labels[sample] as number, classes),
  };
}

function squaredError(outputs: number): Objective {
  return {
    targetLength: outputs,
    traits: { learnsTargets: true, targetLength: outputs },
    copy(from, fromSample, to, toSample) {
      const [source, target] = [targetsOf(from), targetsOf(to)];
      for (let index = 0; index < outputs; index++)
        target[toSample * outputs + index] = source[fromSample * outputs + index] as number;
    },
    loss: (values, truth, gradient) =>
      meanSquaredError(values, targetsOf(truth), truth.size, outputs, gradient),
    lossOf: (values, truth, sample) => squaredErrorOf(values, targetsOf(truth), sample, outputs),
  };
}

/** In regression every batch has them. */
const targetsOf = ({ targets }: Pick<Batch, "targets">) => targets as Float32Array;
