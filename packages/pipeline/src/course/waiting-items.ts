import type { Batch } from "../execute/algorithm.js";
import type { Memory } from "../memory/memory.js";
import { align64 } from "../model/shape.js";

const noLabels = new Int32Array(0);

export interface WaitingItemsOptions {
  /** The most items that wait. */
  readonly capacity: number;
  /** Samples of an item, and values of a sample. */
  readonly batch: number;
  readonly inputLength: number;
  /** In regression: outputs of a sample; otherwise samples have labels. */
  readonly outputs?: number | undefined;
}

/** Bytes of the items that wait, as the ledger counts them: inputs, labels, times of arrival. */
export function waitingBytes({
  capacity,
  batch,
  inputLength,
  outputs = 1,
}: WaitingItemsOptions): number {
  const samples = capacity * batch;
  return align64(4 * samples * inputLength) + align64(4 * samples * outputs) + align64(8 * samples);
}

/**
 * The newest items that have come and were not learned. They lie side by side in no particular
 * order, so that those chosen can be brought to the front and learned as one batch where they are.
 */
export class WaitingItems {
  readonly capacity: number;
  readonly batch: number;
  /** When each sample came, in the clock's unit. */
  readonly arrivals: Float64Array;
  /** By place; only the first `size` of them wait. */
  readonly places: readonly Batch[];
  readonly #inputLength: number;
  /** What is to be learned of each sample, labels or targets, and how many values a sample. */
  readonly #truth: Int32Array | Float32Array;
  readonly #truthLength: number;
  readonly #front: Batch;
  #size = 0;

  constructor({ capacity, batch, inputLength, outputs }: WaitingItemsOptions, memory: Memory) {
    const samples = capacity * batch;
    this.capacity = capacity;
    this.batch = batch;
    this.#inputLength = inputLength;
    const x = memory.floats("queue", samples * inputLength);
    const labels = outputs === undefined ? memory.ints("queue", samples) : noLabels;
    const targets = outputs === undefined ? null : memory.floats("queue", samples * outputs);
    this.#front = { x, labels, ...(targets && { targets }), size: 0 };
    this.#truth = targets ?? labels;
    this.#truthLength = outputs ?? 1;
    this.arrivals = new Float64Array(memory.allocate("queue", 8 * samples), 0, samples);
    this.places = Array.from({ length: capacity }, (_, place) => {
      const [begin, end] = [place * batch, (place + 1) * batch];
      const length = this.#truthLength;
      return {
        x: x.subarray(begin * inputLength, end * inputLength),
        labels: labels.subarray(begin, end),
        ...(targets && { targets: targets.subarray(begin * length, end * length) }),
        size: batch,
      };
    });
  }

  /** Items that wait. */
  get size(): number {
    return this.#size;
  }

  /** When the item in a place came. */
  arrival(place: number): number {
    return this.arrivals[place * this.batch] as number;
  }

  /** Has a copy of an item wait; where all places are taken, the oldest one goes. */
  push({ x, labels, targets }: Batch, now: number): void {
    const place = this.#size < this.capacity ? this.#size++ : this.#oldest();
    const copy = this.places[place] as Batch;
    for (let index = 0; index < copy.x.length; index++) copy.x[index] = x[index] as number;
    const truth = copy.targets ? (targets as Float32Array) : labels;
    const length = this.#truthLength;
    const begin = place * this.batch;
    for (let index = 0; index < this.batch * length; index++)
      this.#truth[begin * length + index] = truth[index] as number;
    for (let sample = 0; sample < this.batch; sample++) this.arrivals[begin + sample] = now;
  }

  /** The samples in the first places, so many of them; until the next change. */
  front(samples: number): Batch {
    this.#front.size = samples;
    return this.#front;
  }

  /** Exchanges two items. */
  exchange(place: number, other: number): void {
    if (place === other) return;
    for (let sample = 0; sample < this.batch; sample++)
      this.exchangeSamples(place * this.batch + sample, other * this.batch + sample);
  }

  /** Exchanges two samples, inputs and labels or targets. */
  exchangeSamples(sample: number, other: number): void {
    if (sample === other) return;
    const { x } = this.#front;
    const length = this.#inputLength;
    const truthLength = this.#truthLength;
    swap(this.arrivals, sample, other);
    for (let index = 0; index < truthLength; index++)
      swap(this.#truth, sample * truthLength + index, other * truthLength + index);
    for (let index = 0; index < length; index++)
      swap(x, sample * length + index, other * length + index);
  }

  /** Lets go of the items in the first places; others move up. */
  removeFront(items: number): void {
    for (let place = 0; place < items; place++) {
      this.#size--;
      if (this.#size >= items) this.exchange(place, this.#size);
    }
  }

  #oldest(): number {
    let oldest = 0;
    for (let place = 1; place < this.#size; place++)
      if (this.arrival(place) < this.arrival(oldest)) oldest = place;
    return oldest;
  }
}

function swap(values: Float32Array | Float64Array | Int32Array, one: number, other: number): void {
  const kept = values[one] as number;
  values[one] = values[other] as number;
  values[other] = kept;
}
