/** A fixed number of equal buffers; handing one out or back moves an index and allocates nothing. */
export class Pool<T> {
  readonly #slots: readonly T[];
  readonly #free: Int32Array;
  #freeCount: number;

  constructor(count: number, create: () => T) {
    this.#slots = Array.from({ length: count }, create);
    this.#free = Int32Array.from({ length: count }, (_, index) => count - 1 - index);
    this.#freeCount = count;
  }

  get available(): boolean {
    return this.#freeCount > 0;
  }

  /** Index of a slot that nobody holds. The caller has looked at `available`. */
  acquire(): number {
    if (this.#freeCount === 0) throw new Error("Pool exhausted: a schedule ran past its slots");
    return this.#free[--this.#freeCount] as number;
  }

  release(index: number): void {
    this.#free[this.#freeCount++] = index;
  }

  at(index: number): T {
    return this.#slots[index] as T;
  }
}
