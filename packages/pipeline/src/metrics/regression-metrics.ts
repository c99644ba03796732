import type { StateParts } from "../checkpoint/parts.js";

/** How well values were predicted. */
export interface RegressionFigures {
  /** Mean absolute error. */
  readonly mae: number;
  /** Root of the mean squared error. */
  readonly rmse: number;
  /** Coefficient of determination, 1 at best; 0 is no better than the mean of the targets. */
  readonly r2: number;
}

/** The same of a stream, each figure the mean over the outputs. */
export interface RegressionScores extends RegressionFigures {
  /** Samples that were predicted before they were learned. */
  readonly samples: number;
  /** By output. */
  readonly outputs: readonly RegressionFigures[];
}

/** Sums of one output. */
const absolute = 0;
const squared = 1;
/** Mean of the targets, and the sum of squared differences from it. */
const mean = 2;
const spread = 3;
const fields = 4;

/**
 * Prequential errors of predictions z of targets y, sample by sample, for each output
 *
 * ```
 * MAE = 1/n Σ |y - z|     RMSE = sqrt(1/n Σ (y - z)²)     R2 = 1 - Σ (y - z)² / Σ (y - ȳ)²
 * ```
 *
 * with ȳ the mean of the n targets so far, as River's `MAE`, `RMSE` and `R2` have it; so R2 of a
 * whole stream is that of scikit-learn's `r2_score` on all of its predictions. It is 0 before the
 * second sample, and as long as all targets are equal. Of several outputs the figures are averaged
 * (scikit-learn's `uniform_average`, River's `MacroAverage`).
 *
 * Memory is constant; Σ (y - ȳ)² is updated as B. P. Welford (1962) does, so that targets far from 0
 * cost no digits. A prediction that is not finite leaves figures that are none.
 */
export class RegressionMetrics {
  readonly #outputs: number;
  readonly #sums: Float64Array;
  #samples = 0;

  /** @param outputs values of a sample. */
  constructor(outputs: number) {
    this.#outputs = outputs;
    this.#sums = new Float64Array(fields * outputs);
  }

  /**
   * Takes the predictions of some samples in, and what they should have been.
   * @param values predicted, [size, outputs]; so are `targets`. Both may be longer.
   */
  add(values: Float32Array, targets: Float32Array, size: number): void {
    const [outputs, sums] = [this.#outputs, this.#sums];
    for (let sample = 0; sample < size; sample++) {
      const count = ++this.#samples;
      for (let output = 0; output < outputs; output++) {
        const target = targets[sample * outputs + output] as number;
        const error = target - (values[sample * outputs + output] as number);
        const at = fields * output;
        sums[at + absolute] = (sums[at + absolute] as number) + Math.abs(error);
        sums[at + squared] = (sums[at + squared] as number) + error * error;
        const away = target - (sums[at + mean] as number);
        const centre = (sums[at + mean] as number) + away / count;
        sums[at + mean] = centre;
        sums[at + spread] = (sums[at + spread] as number) + away * (target - centre);
      }
    }
  }

  /** To be saved. */
  get parts(): StateParts {
    return {
      sums: this.#sums,
      samples: {
        save: () => [this.#samples],
        restore: ([samples]) => {
          this.#samples = samples as number;
        },
      },
    };
  }

  /** Figures of all samples so far; errors are 0 where there are none. */
  get scores(): RegressionScores {
    const outputs = Array.from({ length: this.#outputs }, (_, output) => this.#figures(output));
    const average = (figure: keyof RegressionFigures) =>
      outputs.reduce((sum, each) => sum + each[figure], 0) / outputs.length;
    return {
      samples: this.#samples,
      mae: average("mae"),
      rmse: average("rmse"),
      r2: average("r2"),
      outputs,
    };
  }

  #figures(output: number): RegressionFigures {
    const of = (field: number) => this.#sums[fields * output + field] as number;
    const count = Math.max(1, this.#samples);
    return {
      mae: of(absolute) / count,
      rmse: Math.sqrt(of(squared) / count),
      r2: of(spread) > 0 ? 1 - of(squared) / of(spread) : 0,
    };
  }
}
