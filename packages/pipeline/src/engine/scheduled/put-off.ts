import type { WorkerBuffers } from "../buffers.js";
import type { Flight } from "../flight.js";

/** Slots of one stage whose weight gradients are put off, first in, first out. */
export class PutOff {
  readonly #worker: WorkerBuffers;
  readonly #stage: number;
  /** A ring of (activations, boundary, input), and its first entry and length. */
  readonly #ring: Int32Array;
  #first = 0;
  #length = 0;

  constructor(worker: WorkerBuffers, stage: number) {
    this.#worker = worker;
    this.#stage = stage;
    this.#ring = new Int32Array(3 * (worker.saved[stage]?.all.length as number));
  }

  /** Takes over what a flight holds at this stage. */
  push(flight: Flight): void {
    const place = (this.#first + 3 * this.#length) % this.#ring.length;
    this.#ring[place] = flight.saved[this.#stage] as number;
    this.#ring[place + 1] = flight.boundaries[this.#stage] as number;
    this.#ring[place + 2] = flight.input;
    this.#length++;
  }

  /** Gives back the slots of the one that has waited longest. */
  release(): void {
    const place = this.#first;
    this.#first = (place + 3) % this.#ring.length;
    this.#length--;
    this.#worker.saved[this.#stage]?.release(this.#ring[place] as number);
    this.#worker.boundaries[this.#stage]?.release(this.#ring[place + 1] as number);
    if (this.#stage === 0) this.#worker.inputs.release(this.#ring[place + 2] as number);
  }
}
