import type { StateParts } from "../state.js";
import type { Slots } from "./slots.js";

/** The newest samples of the stream: each replaces the oldest one (first in, first out). */
export class RingSlots implements Slots {
  #seen = 0;

  constructor(private readonly capacity: number) {}

  get size(): number {
    return Math.min(this.#seen, this.capacity);
  }

  place(): number {
    return this.#seen++ % this.capacity;
  }

  parts(): StateParts {
    const restore = ([seen]: readonly number[]) => {
      this.#seen = seen as number;
    };
    return { seen: { save: () => [this.#seen], restore } };
  }
}
