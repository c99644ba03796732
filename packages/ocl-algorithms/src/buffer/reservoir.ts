import type { Allocate, Batch } from "../contract.js";
import type { Random } from "../random.js";

interface SavedReservoir {
  readonly x: Float32Array;
  readonly labels: Int32Array;
  readonly seen: number;
}

/** Bytes of a buffer as the ledger counts them. */
function align64(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

/**
 * A uniform sample of everything seen, in constant memory (reservoir sampling, Vitter 1985,
 * algorithm R): fill, then sample s of the stream (from 0) replaces slot j if a draw j from
 * [0, s] falls below the capacity.
 */
export class Reservoir {
  readonly bytes: number;
  readonly #capacity: number;
  readonly #inputLength: number;
  readonly #random: Random;
  readonly #x: Float32Array;
  readonly #labels: Int32Array;
  #seen = 0;

  constructor(capacity: number, inputLength: number, random: Random, allocate: Allocate) {
    this.#capacity = capacity;
    this.#inputLength = inputLength;
    this.#random = random;
    const xBytes = align64(4 * capacity * inputLength);
    const labelBytes = align64(4 * capacity);
    this.#x = new Float32Array(allocate("replay", xBytes), 0, capacity * inputLength);
    this.#labels = new Int32Array(allocate("replay", labelBytes), 0, capacity);
    this.bytes = xBytes + labelBytes;
  }

  /** Samples held. */
  get size(): number {
    return Math.min(this.#seen, this.#capacity);
  }

  /** Samples shown so far. */
  get seen(): number {
    return this.#seen;
  }

  /** Shows every sample of a batch to the reservoir. */
  add(batch: Batch): void {
    for (let sample = 0; sample < batch.size; sample++) {
      const seen = this.#seen++;
      const slot = seen < this.#capacity ? seen : this.#random.below(seen + 1);
      if (slot >= this.#capacity) continue;
      copySamples(batch.x, sample, this.#x, slot, 1, this.#inputLength);
      this.#labels[slot] = batch.labels[sample] as number;
    }
  }

  /**
   * Writes up to `count` different samples, each equally likely, behind the first `offset` samples
   * of `target`. Gives how many it wrote: fewer only where it holds fewer.
   */
  draw(count: number, target: Batch, offset: number): number {
    const drawn = Math.min(count, this.size);
    // Selection sampling (Knuth, TAOCP 3.4.2, algorithm S) needs no list of what was drawn.
    let needed = drawn;
    for (let slot = 0; needed > 0; slot++) {
      if (this.#random.below(this.size - slot) >= needed) continue;
      const place = offset + drawn - needed;
      copySamples(this.#x, slot, target.x, place, 1, this.#inputLength);
      target.labels[place] = this.#labels[slot] as number;
      needed--;
    }
    return drawn;
  }

  save(): SavedReservoir {
    return { x: this.#x.slice(), labels: this.#labels.slice(), seen: this.#seen };
  }

  restore({ x, labels, seen }: SavedReservoir): void {
    this.#x.set(x);
    this.#labels.set(labels);
    this.#seen = seen;
  }
}

/** Copies `count` samples between flat arrays without making a view of either. */
export function copySamples(
  from: Float32Array,
  fromSample: number,
  to: Float32Array,
  toSample: number,
  count: number,
  inputLength: number,
): void {
  const [source, target] = [fromSample * inputLength, toSample * inputLength];
  for (let index = 0; index < count * inputLength; index++)
    to[target + index] = from[source + index] as number;
}
