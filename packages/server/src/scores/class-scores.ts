import type { Gauges, SavedScores, Scores } from "./contract.js";
import { Window } from "./window.js";

/** What predictions of classes were worth. */
export interface ClassFigures {
  readonly samples: number;
  /** Share of predictions that were right. */
  readonly accuracy: number;
  /** Cohen's kappa; undefined where chance alone gets all right. */
  readonly kappa: number | undefined;
}

/**
 * Prequential accuracy and Cohen's kappa (Cohen 1960; over a stream: Bifet et al. 2015, "Efficient online
 * evaluation of big data stream classifiers"): of predictions made before their labels were learned, over
 * the last ones and over all.
 */
export class ClassScores implements Scores {
  readonly #classes: number;
  /** Of each sample its label and what was predicted. */
  readonly #window: Window;
  /** By class. */
  readonly #labels: Float64Array;
  readonly #predictions: Float64Array;
  #samples = 0;
  #right = 0;

  constructor(classes: number, window: number) {
    this.#classes = classes;
    this.#window = new Window(window, 2);
    this.#labels = new Float64Array(classes);
    this.#predictions = new Float64Array(classes);
  }

  add(truth: ArrayLike<number>, predicted: ArrayLike<number>): void {
    for (let sample = 0; sample < truth.length; sample++) {
      const label = truth[sample] as number;
      const said = predicted[sample] as number;
      this.#window.add([label, said]);
      this.#samples++;
      if (label === said) this.#right++;
      this.#labels[label] = (this.#labels[label] as number) + 1;
      this.#predictions[said] = (this.#predictions[said] as number) + 1;
    }
  }

  /** Over all predictions. */
  get all(): ClassFigures {
    return figures(this.#samples, this.#right, this.#labels, this.#predictions);
  }

  /** Over the last ones. */
  get recent(): ClassFigures {
    const labels = new Float64Array(this.#classes);
    const predictions = new Float64Array(this.#classes);
    let right = 0;
    for (const [label, said] of this.#window.rows() as Iterable<[number, number]>) {
      if (label === said) right++;
      labels[label] = (labels[label] as number) + 1;
      predictions[said] = (predictions[said] as number) + 1;
    }
    return figures(this.#window.count, right, labels, predictions);
  }

  gauges(): Gauges {
    const { all, recent } = this;
    return {
      accuracy: {
        help: "Share of predictions that were right",
        all: all.accuracy,
        recent: recent.accuracy,
      },
      kappa: {
        help: "Cohen's kappa of predictions and labels",
        all: all.kappa,
        recent: recent.kappa,
      },
    };
  }

  get samples(): { readonly all: number; readonly recent: number } {
    return { all: this.#samples, recent: this.#window.count };
  }

  save(): SavedScores {
    return {
      window: this.#window.save(),
      sums: [this.#samples, this.#right, ...this.#labels, ...this.#predictions],
    };
  }

  restore({ window, sums }: SavedScores): void {
    if (sums.length !== 2 + 2 * this.#classes) return;
    this.#window.restore(window);
    [this.#samples, this.#right] = sums as [number, number];
    this.#labels.set(sums.slice(2, 2 + this.#classes));
    this.#predictions.set(sums.slice(2 + this.#classes));
  }
}

function figures(
  samples: number,
  right: number,
  labels: Float64Array,
  predictions: Float64Array,
): ClassFigures {
  if (samples === 0) return { samples, accuracy: 0, kappa: undefined };
  const accuracy = right / samples;
  // In whole numbers, so that a chance of 1 is told from one just below.
  let agreeing = 0;
  for (let label = 0; label < labels.length; label++)
    agreeing += (labels[label] as number) * (predictions[label] as number);
  const square = samples * samples;
  const kappa =
    agreeing === square ? undefined : (accuracy - agreeing / square) / (1 - agreeing / square);
  return { samples, accuracy, kappa };
}
