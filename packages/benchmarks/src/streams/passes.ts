import { Random, shuffle } from "../random.js";

/**
 * Passes over some samples without end: each pass has every sample once, in a fresh random order of
 * its own. What stands at a position depends on the seed and the position alone.
 */
export class Passes {
  readonly #samples: Uint32Array;
  readonly #order: Uint32Array;
  #pass = -1;

  /** `word` tells sequences with the same seed apart. */
  constructor(
    samples: Uint32Array,
    private readonly seed: number,
    private readonly word: number,
  ) {
    this.#samples = samples;
    this.#order = samples.slice();
  }

  /** The sample at a position, 0 and up. */
  at(position: number): number {
    const pass = Math.floor(position / this.#samples.length);
    if (pass !== this.#pass) {
      this.#order.set(this.#samples);
      shuffle(this.#order, new Random(this.seed, this.word, pass));
      this.#pass = pass;
    }
    return this.#order[position - pass * this.#samples.length]!;
  }
}
