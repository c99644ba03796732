import type { Statistic } from "../model/stage.js";

/**
 * Moving statistics of a stage (those of batch normalisation) lie among its parameters, and what a
 * backward pass says of them among the gradients. They are no weights: nothing repairs them, scales
 * them or keeps averages of them. Here they wait while that is done to the gradient they lie in.
 */
export class MovingStatistics {
  readonly #statistics: readonly Statistic[];
  readonly #aside: Float32Array;

  constructor(statistics: readonly Statistic[]) {
    this.#statistics = statistics;
    this.#aside = new Float32Array(statistics.reduce((sum, { length }) => sum + length, 0));
  }

  get isEmpty(): boolean {
    return this.#aside.length === 0;
  }

  /** Takes them out of a gradient, and leaves zeros. */
  takeOut(gradient: Float32Array): void {
    this.copy(gradient);
    for (const { offset, length } of this.#statistics) gradient.fill(0, offset, offset + length);
  }

  /** Takes them down, and leaves them where they are. */
  copy(gradient: Float32Array): void {
    let place = 0;
    for (const { offset, length } of this.#statistics)
      for (let index = offset; index < offset + length; index++)
        this.#aside[place++] = gradient[index] as number;
  }

  /** Writes them where they were. */
  putBack(values: Float32Array): void {
    let place = 0;
    for (const { offset, length } of this.#statistics)
      for (let index = offset; index < offset + length; index++)
        values[index] = this.#aside[place++] as number;
  }

  /** Writes them where they were, so long that a step of the learning rate moves them by their rate. */
  putBackForStep(gradient: Float32Array, learningRate: number): void {
    let place = 0;
    for (const { offset, length, rate } of this.#statistics)
      for (let index = offset; index < offset + length; index++)
        gradient[index] = ((this.#aside[place++] as number) * rate) / learningRate;
  }

  /** What a step of the learning rate along those taken out makes of the newest ones. */
  step(newest: Float32Array, learningRate: number): void {
    let place = 0;
    for (const { offset, length } of this.#statistics)
      for (let index = offset; index < offset + length; index++) {
        const moved = (newest[index] as number) - learningRate * (this.#aside[place] as number);
        this.#aside[place++] = moved;
      }
  }
}
