import type { StateParts } from "../checkpoint/parts.js";
import type { Cells } from "../memory/cells.js";

const ratio = 1.02;
const buckets = 2048;

/**
 * Counts durations in buckets that grow by 2 %, so that a stream of any length takes constant
 * memory and a percentile is right to 1 %.
 */
export class DurationHistogram {
  /** The counts, then their sum, the largest duration and the smallest. */
  readonly #counts: Float64Array;

  constructor(cells: Cells) {
    this.#counts = cells.doubles(buckets + 3, (counts) => {
      counts[buckets + 2] = Number.POSITIVE_INFINITY;
    });
  }

  /**
   * Counts a duration.
   * @param duration a non-negative number; below 1 counts as 1.
   */
  add(duration: number): void {
    const bucket = Math.floor(Math.log(Math.max(duration, 1)) / Math.log(ratio));
    const index = Math.min(bucket, buckets - 1);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.#counts[buckets] = this.count + 1;
    if (duration > this.largest) this.#counts[buckets + 1] = duration;
    if (duration < this.smallest) this.#counts[buckets + 2] = duration;
  }

  /** Adds all that another histogram has counted. */
  addAll(other: DurationHistogram): void {
    const { largest, smallest } = this;
    for (let index = 0; index <= buckets; index++)
      this.#counts[index] = (this.#counts[index] as number) + (other.#counts[index] as number);
    this.#counts[buckets + 1] = Math.max(largest, other.largest);
    this.#counts[buckets + 2] = Math.min(smallest, other.smallest);
  }

  /** To be saved. */
  get parts(): StateParts {
    return { counts: this.#counts };
  }

  get count(): number {
    return this.#counts[buckets] as number;
  }

  get largest(): number {
    return this.#counts[buckets + 1] as number;
  }

  /** Infinity where there are none. */
  get smallest(): number {
    return this.#counts[buckets + 2] as number;
  }

  /** The duration that a share (0..1) of all durations does not exceed; 0 where there are none. */
  percentile(share: number): number {
    // Where all are the same there is nothing to look for.
    if (this.smallest >= this.largest) return this.largest;
    let seen = 0;
    for (let index = 0; index < buckets; index++) {
      seen += this.#counts[index] as number;
      if (seen > 0 && seen >= share * this.count)
        return Math.min(ratio ** (index + 0.5), this.largest);
    }
    return this.largest;
  }
}
