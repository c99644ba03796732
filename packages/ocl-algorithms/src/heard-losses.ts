import type { Allotment } from "./allotment.js";
import type { StateParts } from "./state.js";

/** Losses that may wait to be read; of more, the oldest are lost. A power of two. */
const room = 64;

/**
 * Losses on their way from `loss`, which any thread may run, to `compose`, which one thread runs: a
 * ring in memory that they share.
 *
 * ```
 * loss     values[told++ mod 64] = loss
 * compose  while (read < told) next(values[read++ mod 64])
 * ```
 *
 * One that is read while its thread still writes it is that of 64 items before.
 */
export class HeardLosses {
  readonly #values: Float32Array;
  /** How many were told, and read. */
  readonly #counts: Int32Array;

  constructor(memory: Allotment) {
    this.#values = memory.floats("algorithm", room);
    this.#counts = memory.integers("algorithm", 2);
  }

  tell(loss: number): void {
    this.#values[Atomics.add(this.#counts, 0, 1) & (room - 1)] = loss;
  }

  /** Those since the last call, in order. */
  read(next: (loss: number) => void): void {
    const told = Atomics.load(this.#counts, 0);
    // Counts wrap around.
    for (let left = Math.min((told - (this.#counts[1] as number)) | 0, room); left > 0; left--)
      next(this.#values[(told - left) & (room - 1)] as number);
    this.#counts[1] = told;
  }

  parts(): StateParts {
    return { losses: this.#values, lossCounts: this.#counts };
  }
}
