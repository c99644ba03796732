import { setImmediate, setTimeout } from "node:timers/promises";
import { type Cells, NewCells } from "./cells.js";
import { Halt } from "./halt.js";

const free = 0;
const held = 1;
/** Held, and somebody sleeps until it is free. */
const awaited = 2;

/** Milliseconds of sleep after which a sleeper looks whether the run has been given up. */
const doze = 100;
/** So many of them, and whoever holds the lock must have died with it. */
const patience = 200;
/** Turns of the event loop after which one that must not sleep looks by the millisecond. */
const quickLooks = 20;

/**
 * A lock between threads: it spins for a while, which costs a fraction of a microsecond where a
 * sleep costs dozens, then sleeps. Free and uncontended it takes one atomic exchange.
 */
export class Lock {
  readonly #cell: Int32Array;
  readonly #spins: number;
  readonly #halt: Halt;

  /**
   * @param spins turns before it sleeps; 0 where there are more threads than cores.
   * @param halt what tells that the run has been given up, so that nobody waits for the dead.
   */
  constructor(cells: Cells, spins: number, halt: Halt = new Halt(new NewCells())) {
    this.#cell = cells.ints(1);
    this.#spins = spins;
    this.#halt = halt;
  }

  /** @throws Error where the run has been given up, or nobody lets go of it. */
  acquire(): void {
    const cell = this.#cell;
    if (Atomics.compareExchange(cell, 0, free, held) === free) return;
    for (let turn = 0; turn < this.#spins; turn++)
      if (Atomics.load(cell, 0) === free && Atomics.compareExchange(cell, 0, free, held) === free)
        return;
    let slept = 0;
    while (Atomics.exchange(cell, 0, awaited) !== free) {
      if (Atomics.wait(cell, 0, awaited, doze) !== "timed-out") continue;
      this.#halt.check();
      if (++slept < patience) continue;
      const seconds = (doze * patience) / 1000;
      throw new Error(`Expected a lock to go free within ${seconds} s but its holder keeps it`);
    }
  }

  /**
   * The same for a thread that must not sleep, since it would not hear then that the holder has
   * died.
   * @param goesOn called in between; throws where there is nothing to wait for any more.
   */
  async acquireAsync(goesOn: () => void): Promise<void> {
    for (let turn = 0; turn <= this.#spins; turn++) if (this.tryAcquire()) return;
    for (let look = 0; !this.tryAcquire(); look++) {
      goesOn();
      // The holder may wait for a core: it is let have this one.
      await (look < quickLooks ? setImmediate() : setTimeout(1));
    }
  }

  /** Takes it where it is free; false where it is held. */
  tryAcquire(): boolean {
    return Atomics.compareExchange(this.#cell, 0, free, held) === free;
  }

  release(): void {
    if (Atomics.exchange(this.#cell, 0, free) === awaited) Atomics.notify(this.#cell, 0, 1);
  }
}
