import type { Cells } from "./cells.js";

/**
 * A fixed number of equal buffers; taking or returning one moves an index and allocates nothing.
 */
export class Pool<T> {
  readonly #slots: readonly T[];
  /** The free indices, a stack, behind them how many there are, and how few there ever were. */
  readonly #free: Int32Array;
  readonly #count: number;

  constructor(count: number, cells: Cells, create: (index: number) => T) {
    this.#count = count;
    this.#slots = Array.from({ length: count }, (_, index) => create(index));
    this.#free = cells.ints(count + 2, (free) => {
      for (let index = 0; index < count; index++) free[index] = count - 1 - index;
      free.fill(count, count);
    });
  }

  get available(): boolean {
    return this.free > 0;
  }

  /** Number of free slots. */
  get free(): number {
    return this.#free[this.#count] as number;
  }

  /** Index of a free slot. The caller has checked `available`. */
  acquire(): number {
    const left = (this.#free[this.#count] as number) - 1;
    if (left < 0) throw new Error("Pool exhausted: a schedule ran past its slots");
    this.#free[this.#count] = left;
    if (left < (this.#free[this.#count + 1] as number)) this.#free[this.#count + 1] = left;
    return this.#free[left] as number;
  }

  release(index: number): void {
    const left = this.#free[this.#count] as number;
    this.#free[left] = index;
    this.#free[this.#count] = left + 1;
  }

  /** The most slots that were ever held at once. */
  get mostHeld(): number {
    return this.#count - (this.#free[this.#count + 1] as number);
  }

  /** Every slot, free or not. */
  get all(): readonly T[] {
    return this.#slots;
  }

  at(index: number): T {
    return this.#slots[index] as T;
  }
}
