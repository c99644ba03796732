import type { Random } from "../random.js";
import type { StateParts } from "../state.js";
import type { Slots } from "./slots.js";

/**
 * A uniform sample of everything seen (reservoir sampling, Vitter 1985, algorithm R): fill, then
 * sample s of the stream (from 0) replaces slot j if a draw j from [0, s] falls below the capacity.
 */
export class ReservoirSlots implements Slots {
  #seen = 0;

  constructor(
    private readonly capacity: number,
    private readonly random: Random,
  ) {}

  get size(): number {
    return Math.min(this.#seen, this.capacity);
  }

  place(): number {
    const seen = this.#seen++;
    if (seen < this.capacity) return seen;
    const slot = this.random.below(seen + 1);
    return slot < this.capacity ? slot : -1;
  }

  parts(): StateParts {
    const restore = ([seen]: readonly number[]) => {
      this.#seen = seen as number;
    };
    return { seen: { save: () => [this.#seen], restore } };
  }
}
