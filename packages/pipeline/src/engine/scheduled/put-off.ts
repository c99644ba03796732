import type { Cells } from "../../memory/cells.js";
import type { WorkerBuffers } from "../buffers.js";
import type { Flight } from "../flight.js";

const fields = 3;
const came = 0;
const went = 1;

/** Slots of one stage whose weight gradients are put off, first in, first out. */
export class PutOff {
  readonly #worker: WorkerBuffers;
  readonly #stage: number;
  /** A ring of (activations, boundary, input). */
  readonly #ring: Int32Array;
  /** How many came, and how many went. */
  readonly #counts: Float64Array;

  constructor(worker: WorkerBuffers, stage: number, cells: Cells) {
    this.#worker = worker;
    this.#stage = stage;
    this.#ring = cells.ints(fields * (worker.saved[stage]?.all.length as number));
    this.#counts = cells.doubles(2);
  }

  /** Takes over what a flight holds at this stage. */
  push(flight: Flight): void {
    const place = this.#place(came);
    this.#ring[place] = flight.saved[this.#stage] as number;
    this.#ring[place + 1] = flight.boundaries[this.#stage] as number;
    this.#ring[place + 2] = flight.input;
    this.#counts[came] = (this.#counts[came] as number) + 1;
  }

  /** Gives back the slots of the one that has waited longest. */
  release(): void {
    const place = this.#place(went);
    this.#counts[went] = (this.#counts[went] as number) + 1;
    this.#worker.saved[this.#stage]?.release(this.#ring[place] as number);
    this.#worker.boundaries[this.#stage]?.release(this.#ring[place + 1] as number);
    if (this.#stage === 0) this.#worker.inputs.release(this.#ring[place + 2] as number);
  }

  #place(which: number): number {
    return (fields * (this.#counts[which] as number)) % this.#ring.length;
  }
}
