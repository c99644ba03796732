import type { Allotment } from "../allotment.js";
import type { Random } from "../random.js";
import type { StateParts } from "../state.js";
import type { Slots } from "./slots.js";

/**
 * As many samples of each class as the stream allows (class-balancing reservoir sampling, Chrysakis
 * and Moens 2020, "Online Continual Learning from Imbalanced Data"): a full memory gives up a random
 * sample of its largest class for a class that was never the largest; any other class keeps a
 * uniform sample of itself.
 */
export class BalancedSlots implements Slots {
  readonly #capacity: number;
  readonly #random: Random;
  /** By slot: the class that it holds; kept by the buffer, read before it is overwritten. */
  readonly #labels: Int32Array;
  /** By class: samples held, samples seen, 1 once it was the largest of a full memory. */
  readonly #held: Int32Array;
  readonly #seen: Int32Array;
  readonly #wasLargest: Int32Array;
  #size = 0;

  constructor(
    { capacity, classes }: { readonly capacity: number; readonly classes: number },
    labels: Int32Array,
    random: Random,
    memory: Allotment,
  ) {
    this.#capacity = capacity;
    this.#random = random;
    this.#labels = labels;
    this.#held = memory.integers("replay", classes);
    this.#seen = memory.integers("replay", classes);
    this.#wasLargest = memory.integers("replay", classes);
  }

  get size(): number {
    return this.#size;
  }

  place(label: number): number {
    const seen = (this.#seen[label] as number) + 1;
    this.#seen[label] = seen;
    if (this.#size < this.#capacity) {
      this.#hold(label, 1);
      return this.#size++;
    }
    const largest = this.#markLargest();
    const held = this.#held[label] as number;
    if (this.#wasLargest[label] === 1) {
      const drawn = this.#random.below(seen);
      return drawn < held ? this.#find(drawn, (other) => other === label) : -1;
    }
    const isLargest = (other: number) => this.#held[other] === largest;
    let count = 0;
    for (const many of this.#held) if (many === largest) count += many;
    const slot = this.#find(this.#random.below(count), isLargest);
    this.#hold(this.#labels[slot] as number, -1);
    this.#hold(label, 1);
    return slot;
  }

  parts(): StateParts {
    const restore = ([size]: readonly number[]) => {
      this.#size = size as number;
    };
    return {
      size: { save: () => [this.#size], restore },
      held: this.#held,
      seen: this.#seen,
      wasLargest: this.#wasLargest,
    };
  }

  #hold(label: number, change: number): void {
    this.#held[label] = (this.#held[label] as number) + change;
  }

  /** Samples of the largest class; all classes of that size count as the largest. */
  #markLargest(): number {
    let largest = 0;
    for (const held of this.#held) largest = Math.max(largest, held);
    this.#held.forEach((held, label) => {
      if (held === largest) this.#wasLargest[label] = 1;
    });
    return largest;
  }

  /** The slot of the `rank`-th sample (from 0) whose class is meant. */
  #find(rank: number, isMeant: (label: number) => boolean): number {
    let before = rank;
    for (let slot = 0; slot < this.#size; slot++)
      if (isMeant(this.#labels[slot] as number) && before-- === 0) return slot;
    throw new Error(`Expected more than ${rank} samples of the class`);
  }
}
