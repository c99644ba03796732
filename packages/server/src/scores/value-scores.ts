import type { Gauges, SavedScores, Scores } from "./contract.js";
import { Window } from "./window.js";

/** What predictions of values were worth, each the mean over outputs. */
export interface ValueFigures {
  readonly samples: number;
  readonly meanAbsoluteError: number;
  readonly rootMeanSquaredError: number;
  /** 1 - Σ(y - ŷ)² / Σ(y - ȳ)²; undefined where all y of an output are equal. */
  readonly r2: number | undefined;
}

/** Sums over samples of one output. */
interface Sums {
  readonly samples: number;
  readonly absolute: number;
  readonly squared: number;
  readonly mean: number;
  /** Of squared differences to the mean (Welford 1962). */
  readonly spread: number;
}

const nothing: Sums = { samples: 0, absolute: 0, squared: 0, mean: 0, spread: 0 };

/**
 * Prequential errors of predicted values, made before their targets were learned, over the last ones and
 * over all.
 */
export class ValueScores implements Scores {
  readonly #outputs: number;
  /** Of each sample its targets, then what was predicted. */
  readonly #window: Window;
  readonly #all: Sums[];

  constructor(outputs: number, window: number) {
    this.#outputs = outputs;
    this.#window = new Window(window, 2 * outputs);
    this.#all = Array.from({ length: outputs }, () => nothing);
  }

  add(truth: ArrayLike<number>, predicted: ArrayLike<number>): void {
    const outputs = this.#outputs;
    for (let begin = 0; begin < truth.length; begin += outputs) {
      const row = new Float64Array(2 * outputs);
      for (let output = 0; output < outputs; output++) {
        row[output] = truth[begin + output] as number;
        row[outputs + output] = predicted[begin + output] as number;
      }
      this.#window.add(row);
      addRow(this.#all, row);
    }
  }

  /** Over all predictions. */
  get all(): ValueFigures {
    return figures(this.#all);
  }

  /** Over the last ones. */
  get recent(): ValueFigures {
    const sums = Array.from({ length: this.#outputs }, () => nothing);
    for (const row of this.#window.rows()) addRow(sums, row);
    return figures(sums);
  }

  gauges(): Gauges {
    const { all, recent } = this;
    const gauge = (help: string, name: keyof ValueFigures) => ({
      help,
      all: all[name],
      recent: recent[name],
    });
    return {
      mean_absolute_error: gauge("Mean of |y - predicted|", "meanAbsoluteError"),
      root_mean_squared_error: gauge(
        "Root of the mean of (y - predicted)²",
        "rootMeanSquaredError",
      ),
      r2: gauge("Coefficient of determination", "r2"),
    };
  }

  get samples(): { readonly all: number; readonly recent: number } {
    return { all: this.#all[0]?.samples ?? 0, recent: this.#window.count };
  }

  save(): SavedScores {
    return {
      window: this.#window.save(),
      sums: this.#all.flatMap(({ samples, absolute, squared, mean, spread }) => [
        samples,
        absolute,
        squared,
        mean,
        spread,
      ]),
    };
  }

  restore({ window, sums }: SavedScores): void {
    if (sums.length !== 5 * this.#outputs) return;
    this.#window.restore(window);
    for (let output = 0; output < this.#outputs; output++) {
      const [samples = 0, absolute = 0, squared = 0, mean = 0, spread = 0] = sums.slice(5 * output);
      this.#all[output] = { samples, absolute, squared, mean, spread };
    }
  }
}

function addRow(sums: Sums[], row: Float64Array): void {
  for (const [output, before] of sums.entries()) {
    const y = row[output] as number;
    const error = y - (row[sums.length + output] as number);
    const samples = before.samples + 1;
    const mean = before.mean + (y - before.mean) / samples;
    sums[output] = {
      samples,
      absolute: before.absolute + Math.abs(error),
      squared: before.squared + error * error,
      mean,
      spread: before.spread + (y - before.mean) * (y - mean),
    };
  }
}

function figures(sums: readonly Sums[]): ValueFigures {
  const samples = sums[0]?.samples ?? 0;
  const meanOf = (figure: (sums: Sums) => number) =>
    samples === 0 ? 0 : sums.reduce((sum, each) => sum + figure(each), 0) / sums.length;
  const flat = samples === 0 || sums.some(({ spread }) => spread === 0);
  return {
    samples,
    meanAbsoluteError: meanOf(({ absolute }) => absolute / samples),
    rootMeanSquaredError: Math.sqrt(meanOf(({ squared }) => squared / samples)),
    r2: flat ? undefined : meanOf(({ squared, spread }) => 1 - squared / spread),
  };
}
