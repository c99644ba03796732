import type { Cells } from "../../memory/cells.js";

const changes = 0;
const sleepers = 1;

/** Tells threads that something has changed: a count that rises, and a bell for those asleep. */
export class Signal {
  readonly #cells: Int32Array;
  readonly #spins: number;

  /** @param spins turns that `wait` looks before it sleeps; 0 where threads outnumber cores. */
  constructor(cells: Cells, spins: number) {
    this.#cells = cells.ints(2);
    this.#spins = spins;
  }

  /** Number of changes so far; to be read before looking at what may have changed. */
  get count(): number {
    return Atomics.load(this.#cells, changes);
  }

  raise(): void {
    Atomics.add(this.#cells, changes, 1);
    if (Atomics.load(this.#cells, sleepers) > 0) Atomics.notify(this.#cells, changes);
  }

  /** Waits until there are more changes than `seen`, or `milliseconds` have passed. Blocks. */
  wait(seen: number, milliseconds: number): void {
    for (let turn = 0; turn < this.#spins; turn++) if (this.count !== seen) return;
    Atomics.add(this.#cells, sleepers, 1);
    Atomics.wait(this.#cells, changes, seen, milliseconds);
    Atomics.sub(this.#cells, sleepers, 1);
  }

  /** The same without blocking the thread. */
  async waitAsync(seen: number, milliseconds: number): Promise<void> {
    Atomics.add(this.#cells, sleepers, 1);
    await asynchronousWait(this.#cells, changes, seen, milliseconds);
    Atomics.sub(this.#cells, sleepers, 1);
  }
}

/** The longest time that a timer takes, milliseconds. */
const longest = 2 ** 31 - 1;

type WaitAsync = (
  cells: Int32Array,
  index: number,
  value: number,
  timeout: number,
) => { value: Promise<unknown> | string };

/** `Atomics.waitAsync`, which the language library of ES2023 does not know yet. */
async function asynchronousWait(
  cells: Int32Array,
  index: number,
  value: number,
  milliseconds: number,
): Promise<void> {
  const { waitAsync } = Atomics as unknown as { waitAsync: WaitAsync };
  // Neither the wait nor the threads keep the process alive; who waits does.
  const awake = setInterval(() => {}, longest);
  await waitAsync(cells, index, value, milliseconds).value;
  clearInterval(awake);
}
