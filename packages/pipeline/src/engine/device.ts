import type { Flight } from "./flight.js";

/** A bounded first-in-first-out queue of flights. */
class FlightQueue {
  readonly #ring: (Flight | null)[];
  #head = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#ring = Array<Flight | null>(capacity).fill(null);
  }

  get length(): number {
    return this.#length;
  }

  get first(): Flight | null {
    return this.#length === 0 ? null : (this.#ring[this.#head] as Flight);
  }

  push(flight: Flight): void {
    if (this.#length === this.#ring.length) throw new Error("More flights than a worker may have");
    this.#ring[(this.#head + this.#length++) % this.#ring.length] = flight;
  }

  shift(): Flight {
    const flight = this.#ring[this.#head] as Flight;
    this.#head = (this.#head + 1) % this.#ring.length;
    this.#length--;
    return flight;
  }
}

/** One stage of one worker: what waits for it, what it runs, how many items it has in flight. */
export class Device {
  readonly forwards: FlightQueue;
  readonly backwards: FlightQueue;
  inFlight = 0;
  /** Those of them whose backward pass will run here, and so hold weights and activations. */
  learning = 0;
  running: "F" | "B" | null = null;
  flight: Flight | null = null;
  /** Start and end of what runs, nanoseconds. */
  start = 0;
  end = 0;

  constructor(
    readonly worker: number,
    readonly stage: number,
    capacity: number,
  ) {
    this.forwards = new FlightQueue(capacity);
    this.backwards = new FlightQueue(capacity);
  }
}
