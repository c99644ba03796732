const ratio = 1.02;
const buckets = 2048;

/**
 * Counts durations in buckets that grow by 2 %, so that a stream of any length takes constant
 * memory and a percentile is right to 1 %.
 */
export class DurationHistogram {
  readonly #counts = new Float64Array(buckets);
  #total = 0;
  #largest = 0;

  /** @param duration a non-negative number; below 1 counts as 1. */
  add(duration: number): void {
    const bucket = Math.floor(Math.log(Math.max(duration, 1)) / Math.log(ratio));
    const index = Math.min(bucket, buckets - 1);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.#total++;
    if (duration > this.#largest) this.#largest = duration;
  }

  get count(): number {
    return this.#total;
  }

  get largest(): number {
    return this.#largest;
  }

  /** The duration that a share (0..1) of all durations does not exceed; 0 where there are none. */
  percentile(share: number): number {
    let seen = 0;
    for (let index = 0; index < buckets; index++) {
      seen += this.#counts[index] as number;
      if (this.#total > 0 && seen >= share * this.#total)
        return Math.min(ratio ** (index + 0.5), this.#largest);
    }
    return this.#largest;
  }
}
