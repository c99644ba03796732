import type { Flight } from "../../execute/flight.js";
import type { Cells } from "../../memory/cells.js";
import { Signal } from "./signal.js";

/** A batch to be composed, where it lies, and for which flight. */
export interface Composition {
  readonly worker: number;
  /** Of the worker's flights. */
  readonly flight: number;
  /** Slot of the arrivals that holds what is learned; nobody else looks at it meanwhile. */
  readonly place: number;
  /** Samples. */
  readonly size: number;
}

const fields = 4;

/** What is asked of the thread. */
const nothing = 0;
const composition = 1;
const state = 2;

/**
 * One batch at a time that goes to a thread which does nothing but compose: an algorithm that asks
 * the model there (`attach`) takes as long as several passes, in which the thread that brings the
 * items would be deaf to its event loop.
 *
 * ```
 * bringing thread    ask ......................... isDone
 * composing thread       pending, compose, end
 * ```
 */
export class Composing {
  /** To the composing thread. */
  readonly asked: Signal;
  /** To the bringing thread. */
  readonly done: Signal;
  readonly #asked: Int32Array;
  readonly #fields: Int32Array;

  constructor(cells: Cells, spins: number) {
    this.asked = new Signal(cells, spins);
    this.done = new Signal(cells, spins);
    this.#asked = cells.ints(1);
    this.#fields = cells.ints(fields);
  }

  ask({ worker, slot }: Pick<Flight, "worker" | "slot">, place: number, size: number): void {
    this.#fields.set([worker, slot, place, size]);
    Atomics.store(this.#asked, 0, composition);
    this.asked.raise();
  }

  /** Asks for the state of the algorithm, which the thread sends before it says that it is done. */
  askForState(): void {
    Atomics.store(this.#asked, 0, state);
    this.asked.raise();
  }

  get isStateAsked(): boolean {
    return Atomics.load(this.#asked, 0) === state;
  }

  /** What is to be composed now; null where nothing is. */
  get pending(): Composition | null {
    if (Atomics.load(this.#asked, 0) !== composition) return null;
    const [worker, flight, place, size] = this.#fields as unknown as [
      number,
      number,
      number,
      number,
    ];
    return { worker, flight, place, size };
  }

  end(): void {
    Atomics.store(this.#asked, 0, nothing);
    this.done.raise();
  }

  get isDone(): boolean {
    return Atomics.load(this.#asked, 0) === nothing;
  }
}
