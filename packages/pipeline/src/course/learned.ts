import type { Cells } from "../memory/cells.js";
import type { DurationHistogram } from "../metrics/duration-histogram.js";
import type { EndlessOrder } from "../schedule/endless.js";

/**
 * Which item of the stream each micro-batch is, and how long it took from its arrival until every
 * stage had been updated with it. Between threads every method is called under one lock.
 */
export class Learned {
  readonly #latency: DurationHistogram;
  readonly #period: number;
  /** By stage: micro-batches that its updates cover. */
  readonly #covered: Float64Array;
  /** Micro-batches that the updates of all stages cover. */
  readonly #done: Float64Array;
  /** Rings by micro-batch: index in the stream, arrival in nanoseconds. */
  readonly #items: Float64Array;
  readonly #arrivals: Float64Array;

  constructor({ order }: EndlessOrder, latency: DurationHistogram, cells: Cells) {
    const { period, stageCount, deviceCount } = order;
    this.#latency = latency;
    this.#period = period;
    this.#covered = cells.doubles(stageCount);
    this.#done = cells.doubles(1);
    // Some stages may be one update ahead of others; beside that, what is on its way or waits.
    const length = 2 * period + 2 * deviceCount + 1;
    this.#items = cells.doubles(length);
    this.#arrivals = cells.doubles(length);
  }

  admit(microbatch: number, item: number, arrival: number): void {
    this.#items[microbatch % this.#items.length] = item;
    this.#arrivals[microbatch % this.#arrivals.length] = arrival;
  }

  itemOf(microbatch: number): number {
    return this.#items[microbatch % this.#items.length] as number;
  }

  update(stage: number, now: number): void {
    this.#covered[stage] = (this.#covered[stage] as number) + this.#period;
    let least = Number.POSITIVE_INFINITY;
    for (const covered of this.#covered) least = Math.min(least, covered);
    this.#complete(least, now);
  }

  /** The last update was made for all that came; micro-batches are counted from 0 again. */
  finish(admitted: number, now: number): void {
    this.#complete(admitted, now);
    this.#covered.fill(0);
    this.#done[0] = 0;
  }

  #complete(count: number, now: number): void {
    for (let done = this.#done[0] as number; done < count; done++)
      this.#latency.add(now - (this.#arrivals[done % this.#arrivals.length] as number));
    this.#done[0] = Math.max(count, this.#done[0] as number);
  }
}
