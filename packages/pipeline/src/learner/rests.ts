/**
 * Which calls are held rather than dropped: those made while the pipeline stands still, for a
 * checkpoint or another plan, and as many again, made while it catches up with them.
 *
 * ```
 * calls     a  b  [ rest: c d e ] f  g  h  i
 * held               c d e        f  g  h
 * ```
 */
export class Rests {
  /** Rests under way. */
  #resting = 0;
  /** Held calls that have not ended. */
  #waiting = 0;
  /** Calls that may still be held while the pipeline catches up. */
  #left = 0;

  /** Does what stops the pipeline. */
  async rest<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#resting++;
    try {
      return await work();
    } finally {
      this.#resting--;
    }
  }

  /** Makes a call that may come while the pipeline stands still or catches up. */
  async during<Result>(call: (isHeld: boolean) => Promise<Result>): Promise<Result> {
    if (!this.#holds()) return call(false);
    this.#waiting++;
    try {
      return await call(true);
    } finally {
      this.#waiting--;
      if (this.#waiting === 0) this.#left = 0;
    }
  }

  #holds(): boolean {
    if (this.#resting > 0) {
      this.#left++;
      return true;
    }
    if (this.#waiting === 0 || this.#left === 0) return false;
    this.#left--;
    return true;
  }
}
