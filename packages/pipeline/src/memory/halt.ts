import type { Cells } from "./cells.js";

/**
 * Tells the threads of a run that it has been given up before its time: one of them has died, maybe
 * with a lock in its hand or half a weight version written, so nobody may wait for it.
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

  /** @throws Error where the run has been given up. */
  check(): void {
    if (this.isGivenUp) throw new Error("Expected the run to go on but one of its threads ended");
  }
}
