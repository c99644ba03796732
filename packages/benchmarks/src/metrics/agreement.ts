import type { StateParts } from "@ferret-ocl/pipeline/engine";

/**
 * What a prediction is worth compared with rules that ignore the input, over all samples so far.
 */
export interface Agreement {
  /**
   * Accuracy of the rule that always predicts the most frequent label so far, percentage points.
   */
  readonly majority: number;
  /** Accuracy of the rule that always predicts the previous label, percentage points. */
  readonly noChange: number;
  /**
   * Cohen's kappa: 0 for predictions that agree with the labels no more than by chance with the
   * same shares of classes, 1 for perfect ones; null if chance alone would get all right.
   */
  readonly kappa: number | null;
  /** Kappa-temporal: 0 for a learner as good as the no-change rule, negative below it. */
  readonly kappaTemporal: number;
}

/**
 * Prequential scores that are not too good on a stream whose labels are skewed or repeat: kappa
 * against chance (Cohen 1960; prequential: Bifet et al. 2015) and against the previous label
 * (Zliobaite et al. 2015, "Evaluation methods and decision theory for classification of streaming
 * data with temporal dependence").
 *
 * Sample by sample in the order of the stream, also within an item. The rules know every label
 * before the next sample comes, whatever `--label-delay` is; of equally frequent labels the
 * majority rule predicts the one that was so frequent first. They predict nothing for the very
 * first sample, which counts as wrong. All memory is taken at construction; `add` allocates
 * nothing.
 */
export class PrequentialAgreement {
  /** By class. */
  readonly #labels: Float64Array;
  readonly #predictions: Float64Array;
  #samples = 0;
  #right = 0;
  #majorityRight = 0;
  #noChangeRight = 0;
  #majority = -1;
  #last = -1;

  /** @param classes that labels and predictions are below. */
  constructor(classes: number) {
    this.#labels = new Float64Array(classes);
    this.#predictions = new Float64Array(classes);
  }

  /** Scores one item: what was predicted of each sample, and what it is. */
  add(predicted: Int32Array, labels: Int32Array): void {
    const counts = this.#labels;
    for (let sample = 0; sample < labels.length; sample++) {
      const label = labels[sample]!;
      const said = predicted[sample]!;
      if (said === label) this.#right++;
      if (this.#majority === label) this.#majorityRight++;
      if (this.#last === label) this.#noChangeRight++;
      this.#predictions[said]!++;
      counts[label]!++;
      if (this.#majority < 0 || counts[label]! > counts[this.#majority]!) this.#majority = label;
      this.#last = label;
    }
    this.#samples += labels.length;
  }

  /** To be saved. */
  get parts(): StateParts {
    return {
      labels: this.#labels,
      predictions: this.#predictions,
      counts: {
        save: () => [
          this.#samples,
          this.#right,
          this.#majorityRight,
          this.#noChangeRight,
          this.#majority,
          this.#last,
        ],
        restore: (counts) => {
          [
            this.#samples,
            this.#right,
            this.#majorityRight,
            this.#noChangeRight,
            this.#majority,
            this.#last,
          ] = counts as [number, number, number, number, number, number];
        },
      },
    };
  }

  /** Scores so far; null before the first sample. */
  get scores(): Agreement | null {
    const samples = this.#samples;
    if (samples === 0) return null;
    let chance = 0;
    for (let label = 0; label < this.#labels.length; label++)
      chance += (this.#labels[label]! / samples) * (this.#predictions[label]! / samples);
    const right = this.#right / samples;
    const noChange = this.#noChangeRight / samples;
    // Chance gets all right where there was one class and nothing else was ever predicted.
    const sure = this.#labels.some(
      (count, label) => count + this.#predictions[label]! === 2 * samples,
    );
    return {
      majority: (100 * this.#majorityRight) / samples,
      noChange: 100 * noChange,
      kappa: sure ? null : (right - chance) / (1 - chance),
      // The first sample counts as wrong, so the rule is never all right.
      kappaTemporal: (right - noChange) / (1 - noChange),
    };
  }
}
