import type { WeightVersions } from "./versions.js";

const none = -1;

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
 */
export class DoubleBuffer {
  readonly #versions: WeightVersions;
  readonly #period: number;
  #first = 0;
  #newest = none;
  #previous = none;

  constructor(versions: WeightVersions, period: number) {
    this.#versions = versions;
    this.#period = period;
  }

  /** The newest version is version 0 of what follows. */
  begin(): void {
    this.#first = this.#versions.version;
    this.#newest = this.#versions.acquire();
  }

  /** Lets go of everything. */
  end(): void {
    for (const slot of [this.#previous, this.#newest])
      if (slot !== none) this.#versions.release(slot);
    this.#previous = none;
    this.#newest = none;
  }

  /** Takes the version of a micro-batch for reading; gives its slot. */
  acquire(microbatch: number): number {
    const version = this.#first + Math.max(Math.floor(microbatch / this.#period) - 1, 0);
    const isNewest = this.#versions.versionAt(this.#newest) === version;
    const slot = isNewest ? this.#newest : this.#previous;
    this.#versions.retain(slot);
    return slot;
  }

  /** Lets go of the version that the next update may write over. */
  beforeUpdate(): void {
    if (this.#previous !== none) this.#versions.release(this.#previous);
    this.#previous = this.#newest;
  }

  /** Holds the version that the update has made. */
  afterUpdate(): void {
    this.#newest = this.#versions.acquire();
  }
}
