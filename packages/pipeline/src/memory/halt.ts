import type { Cells } from "./cells.js";

/**
 * Tells the threads of a run that it has been given up early: one of them has died, maybe while it
 * held a lock or with half a weight version written, so no thread may wait for it.
 */
export class Halt {
  readonly #cell: Int32Array;

  constructor(cells: Cells) {
    this.#cell = cells.ints(1);
  }

  get isGivenUp(): boolean {
    return Atomics.load(this.#cell, 0) !== 0;
  }

  giveUp(): void {
    Atomics.store(this.#cell, 0, 1);
  }

  /** @throws Error if the run has been given up. */
  check(): void {
    if (this.isGivenUp) throw new Error("Expected the run to go on but one of its threads ended");
  }
}
