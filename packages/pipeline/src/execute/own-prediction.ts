import { InputError } from "../errors.js";
import type { LearningAlgorithm, ModelOutputs } from "./algorithm.js";
import type { FeatureTap } from "./feature-tap.js";
import { Fronts } from "./fronts.js";

const noFeatures = new Float32Array(0);

/** The prediction of an algorithm that has its own: scores in place of logits. */
export class OwnPrediction {
  /** Where its features come from; null where it reads none. */
  readonly tap: FeatureTap | null;
  readonly #algorithm: LearningAlgorithm;
  readonly #classes: number;
  readonly #fronts = new Fronts();
  readonly #outputs: { -readonly [K in keyof ModelOutputs]: ModelOutputs[K] } = {
    logits: noFeatures,
    features: noFeatures,
    size: 0,
  };

  constructor(algorithm: LearningAlgorithm, classes: number, tap: FeatureTap | null) {
    this.#algorithm = algorithm;
    this.#classes = classes;
    this.tap = tap;
  }

  /**
   * Writes the scores of `size` samples over their finite logits, after the pass of `tap`.
   * @throws InputError where a score is no number, or a sample is given no class at all.
   */
  score(logits: Float32Array, size: number): void {
    const outputs = this.#outputs;
    const scores = this.#fronts.of(logits, size * this.#classes);
    outputs.logits = scores;
    outputs.size = size;
    if (this.tap) {
      const { features, length } = this.tap;
      outputs.features = this.#fronts.of(features, size * length);
    }
    const given: unknown = this.#algorithm.predict?.(outputs, scores);
    if (given instanceof Promise) {
      given.catch(() => {});
      const { name = "the algorithm" } = this.#algorithm;
      throw new InputError(
        `Expected scores to be written when predict of ${name} returns but it returned a Promise; ` +
          "compute them without waiting",
      );
    }
    this.#check(scores, size);
  }

  /** Gives programs back. */
  dispose(): void {
    this.tap?.dispose();
  }

  #check(scores: Float32Array, size: number): void {
    const classes = this.#classes;
    for (let sample = 0; sample < size; sample++) {
      let most = Number.NEGATIVE_INFINITY;
      // What is no number stays, once it is the most.
      for (let index = sample * classes; index < (sample + 1) * classes; index++)
        most = Math.max(most, scores[index] as number);
      if (Number.isFinite(most)) continue;
      const { name = "the algorithm" } = this.#algorithm;
      throw new InputError(
        `Expected scores that are numbers, not all of them -Infinity, from predict of ${name} but ` +
          `received ${[...scores.subarray(sample * classes, (sample + 1) * classes)].join(", ")} for sample ` +
          `${sample} of an item; the logits were finite, so look at what it divides by`,
      );
    }
  }
}
