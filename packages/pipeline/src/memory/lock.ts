import { setImmediate, setTimeout } from "node:timers/promises";
import { type Cells, NewCells } from "./cells.js";
import { Halt } from "./halt.js";

const free = 0;
const held = 1;
/** Held, and a thread sleeps until it is free. */
const awaited = 2;

/** Milliseconds of sleep after which a sleeper checks whether the run has been given up. */
const doze = 100;
/** After this many of them, the holder of the lock must have died. */
const patience = 200;
/** Turns of the event loop after which a thread that must not sleep checks once a millisecond. */
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
   * @param spins turns before it sleeps; 0 if there are more threads than cores.
   * @param halt says whether the run has been given up, so that no thread waits for a dead one.
   */
  constructor(cells: Cells, spins: number, halt: Halt = new Halt(new NewCells())) {
    this.#cell = cells.ints(1);
    this.#spins = spins;
    this.#halt = halt;
  }

  /** @throws Error if the run has been given up, or the lock is never released. */
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
   * The same for a thread that must not sleep, since it would then not notice that the holder has
   * died.
   * @param goesOn called in between; throws if there is nothing left to wait for.
   */
  async acquireAsync(goesOn: () => void): Promise<void> {
    for (let turn = 0; turn <= this.#spins; turn++) if (this.tryAcquire()) return;
    for (let look = 0; !this.tryAcquire(); look++) {
      goesOn();
      // The holder may be waiting for a core: it may have this one.
      await (look < quickLooks ? setImmediate() : setTimeout(1));
    }
  }

  /** Takes the lock if it is free; returns false if it is held. */
  tryAcquire(): boolean {
    return Atomics.compareExchange(this.#cell, 0, free, held) === free;
  }

  release(): void {
    if (Atomics.exchange(this.#cell, 0, free) === awaited) Atomics.notify(this.#cell, 0, 1);
  }
}
