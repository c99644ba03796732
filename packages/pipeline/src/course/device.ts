import type { Flight } from "../execute/flight.js";
import type { Cells } from "../memory/cells.js";

/** A bounded first-in-first-out queue of flights of one worker, by their slots. */
class FlightQueue {
  readonly #flights: readonly Flight[];
  readonly #capacity: number;
  /** A ring of slots, and behind it the place of its first entry and its length. */
  readonly #ring: Int32Array;

  constructor(flights: readonly Flight[], cells: Cells) {
    this.#flights = flights;
    this.#capacity = flights.length;
    this.#ring = cells.ints(flights.length + 2);
  }

  get first(): Flight | null {
    if (this.#ring[this.#capacity + 1] === 0) return null;
    const slot = this.#ring[this.#ring[this.#capacity] as number] as number;
    return this.#flights[slot] as Flight;
  }

  push(flight: Flight): void {
    const begin = this.#ring[this.#capacity] as number;
    const length = this.#ring[this.#capacity + 1] as number;
    if (length === this.#capacity) throw new Error("More flights than a worker may have");
    this.#ring[(begin + length) % this.#capacity] = flight.slot;
    this.#ring[this.#capacity + 1] = length + 1;
  }

  shift(): Flight {
    const flight = this.first as Flight;
    const begin = this.#ring[this.#capacity] as number;
    this.#ring[this.#capacity] = (begin + 1) % this.#capacity;
    this.#ring[this.#capacity + 1] = (this.#ring[this.#capacity + 1] as number) - 1;
    return flight;
  }
}

const kinds = [null, "F", "B"] as const;

/** One stage of one worker: what waits for it, what it runs, how many items it has in flight. */
export class Device {
  readonly forwards: FlightQueue;
  readonly backwards: FlightQueue;
  readonly #flights: readonly Flight[];
  /** In flight, learning, what runs, the flight it runs on. */
  readonly #ints: Int32Array;

  /** @param flights of the worker, by slot. */
  constructor(
    readonly worker: number,
    readonly stage: number,
    flights: readonly Flight[],
    cells: Cells,
  ) {
    this.#flights = flights;
    this.forwards = new FlightQueue(flights, cells);
    this.backwards = new FlightQueue(flights, cells);
    this.#ints = cells.ints(4);
  }

  get inFlight(): number {
    return this.#ints[0] as number;
  }
  set inFlight(value: number) {
    this.#ints[0] = value;
  }

  /** Those in flight whose backward pass will run here, and so hold weights and activations. */
  get learning(): number {
    return this.#ints[1] as number;
  }
  set learning(value: number) {
    this.#ints[1] = value;
  }

  get running(): "F" | "B" | null {
    return kinds[this.#ints[2] as number] as "F" | "B" | null;
  }

  /** The flight that runs, or ran last. */
  get flight(): Flight {
    return this.#flights[this.#ints[3] as number] as Flight;
  }

  run(kind: "F" | "B", flight: Flight): void {
    this.#ints[2] = kinds.indexOf(kind);
    this.#ints[3] = flight.slot;
  }

  rest(): void {
    this.#ints[2] = 0;
  }
}
