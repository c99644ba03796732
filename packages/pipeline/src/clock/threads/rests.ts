/**
 * When items wait for room rather than being dropped: after the pipeline has stood still, for a
 * checkpoint or another plan, for as long as it did. At up to half the highest rate without drops it
 * catches up by then with what came meanwhile. At a higher one items are dropped again, however far
 * behind it still is, so that nothing comes ever later.
 *
 * ```
 * items          a  b        c d e f  g  h  i
 * the pipeline   runs  [ rest ][ waits ] drops
 * ```
 */
export class Rests {
  /** Milliseconds, as `performance.now` counts them. */
  #until = 0;

  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      const end = performance.now();
      this.#until = end + (end - start);
    }
  }

  /** Whether an item that comes now waits. */
  get isCatchingUp(): boolean {
    return performance.now() < this.#until;
  }
}
