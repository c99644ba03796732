import type { Cells } from "../memory/cells.js";

const free = 0;
const held = 1;
/** Held, and somebody sleeps until it is free. */
const awaited = 2;

/** Seconds of sleep after which whoever holds the lock must have died with it. */
const patience = 20;

/**
 * A lock between threads: it spins for a while, which costs a fraction of a microsecond where a
 * sleep costs dozens, then sleeps. Free and uncontended it takes one atomic exchange.
 */
export class Lock {
  readonly #cell: Int32Array;
  readonly #spins: number;

  /** @param spins turns before it sleeps; 0 where there are more threads than cores. */
  constructor(cells: Cells, spins: number) {
    this.#cell = cells.ints(1);
    this.#spins = spins;
  }

  /** @throws Error where nobody lets go of it: a thread has died holding it. */
  acquire(): void {
    const cell = this.#cell;
    if (Atomics.compareExchange(cell, 0, free, held) === free) return;
    for (let turn = 0; turn < this.#spins; turn++)
      if (Atomics.load(cell, 0) === free && Atomics.compareExchange(cell, 0, free, held) === free)
        return;
    let slept = 0;
    while (Atomics.exchange(cell, 0, awaited) !== free)
      if (Atomics.wait(cell, 0, awaited, 1000) === "timed-out" && ++slept === patience)
        throw new Error(`Expected a lock to go free within ${patience} s but its holder has died`);
  }

  /** Takes it where it is free; false where it is held. */
  tryAcquire(): boolean {
    return Atomics.compareExchange(this.#cell, 0, free, held) === free;
  }

  release(): void {
    if (Atomics.exchange(this.#cell, 0, free) === awaited) Atomics.notify(this.#cell, 0, 1);
  }
}
