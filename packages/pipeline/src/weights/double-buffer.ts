import type { Cells } from "../memory/cells.js";
import type { WeightVersions } from "./versions.js";

const none = -1;

/** Places in the state: version 0 of the micro-batches counted now, and two slots. */
const first = 0;
const newest = 1;
const previous = 2;

/**
 * Double-buffered weights (PipeDream-2BW): the newest version of a stage and the one before it are
 * held for micro-batches that are still to come, so an update writes where the version before both
 * lay. Micro-batch k, counted from 0, of periods of m uses version max(floor(k / m) - 1, 0), at
 * every stage the same, whenever its turn there comes:
 *
 * ```
 * micro-batches   0..m-1   m..2m-1   2m..3m-1   3m..4m-1
 * version         0        0         1          2
 * ```
 *
 * Between threads every method is called under one lock.
 */
export class DoubleBuffer {
  readonly #versions: WeightVersions;
  readonly #period: number;
  readonly #state: Float64Array;

  constructor(versions: WeightVersions, period: number, cells: Cells) {
    this.#versions = versions;
    this.#period = period;
    this.#state = cells.doubles(3, (state) => state.fill(none, newest));
  }

  /** The newest version is version 0 of what follows. */
  begin(): void {
    this.#state[first] = this.#versions.version;
    this.#state[newest] = this.#versions.acquire();
  }

  /** Lets go of everything. */
  end(): void {
    for (const which of [previous, newest]) {
      if (this.#at(which) !== none) this.#versions.release(this.#at(which));
      this.#state[which] = none;
    }
  }

  /** Takes the version of a micro-batch for reading; gives its slot. */
  acquire(microbatch: number): number {
    const version = this.#at(first) + Math.max(Math.floor(microbatch / this.#period) - 1, 0);
    const isNewest = this.#versions.versionAt(this.#at(newest)) === version;
    const slot = this.#at(isNewest ? newest : previous);
    this.#versions.retain(slot);
    return slot;
  }

  /** Lets go of the version that the next update may write over. */
  beforeUpdate(): void {
    if (this.#at(previous) !== none) this.#versions.release(this.#at(previous));
    this.#state[previous] = this.#at(newest);
  }

  /** Holds the version that the update has made. */
  afterUpdate(): void {
    this.#state[newest] = this.#versions.acquire();
  }

  #at(which: number): number {
    return this.#state[which] as number;
  }
}
