import type { Buffers } from "../execute/buffers.js";
import type { Executor } from "../execute/executor.js";
import type { Flight } from "../execute/flight.js";
import type { Cells } from "../memory/cells.js";
import type { Pool } from "../memory/pool.js";
import type { ActionKind } from "../schedule/action.js";
import type { EndlessOrder } from "../schedule/endless.js";
import { DoubleBuffer } from "../weights/double-buffer.js";

/**
 * The passes of micro-batches through the stages, and the updates of the stages. Each has three
 * parts: `begin` takes the slots that it needs, `compute` does the math, `end` gives back what
 * nobody reads any more. Micro-batches are counted from 0 since the last `start`; one flight each,
 * in a ring, for they leave in the order in which they came.
 *
 * Between threads every method but `compute` and `finish` is called under one lock.
 *
 * Where B and W are apart, B leaves what W reads in a pending slot, which is held until W ends, as
 * are the activations and the weights.
 */
export class Passes {
  readonly #executor: Executor;
  readonly #buffers: Buffers;
  readonly #flights: readonly Flight[];
  /** By stage; empty where every pass uses the newest version. */
  readonly #doubleBuffers: readonly DoubleBuffer[];
  readonly #splitsBackward: boolean;

  constructor(executor: Executor, { order }: EndlessOrder, cells: Cells) {
    this.#executor = executor;
    this.#buffers = executor.buffers;
    this.#flights = (executor.buffers.flights[0] as Pool<Flight>).all;
    this.#doubleBuffers =
      order.delay === 0
        ? []
        : executor.updates.map(({ versions }) => new DoubleBuffer(versions, order.period, cells));
    this.#splitsBackward = order.splitsBackward;
  }

  start(): void {
    for (const buffer of this.#doubleBuffers) buffer.begin();
  }

  /** Applies what is still gathered; nothing may be on its way. */
  finish(): void {
    for (const buffer of this.#doubleBuffers) buffer.end();
    this.#executor.settle();
  }

  /**
   * Gives a micro-batch the slots that its batch is to be composed in, until stage 0 begins.
   * @param item which one of the stream it is.
   */
  admit(microbatch: number, item: number): Flight {
    const flight = this.#flight(microbatch);
    flight.item = item;
    flight.firstLearning = 0;
    flight.input = this.#buffers.inputs.acquire();
    flight.labels = this.#buffers.labels.acquire();
    return flight;
  }

  begin(kind: ActionKind, microbatch: number, stage: number): void {
    const flight = this.#flight(microbatch);
    if (kind === "U") this.#doubleBuffers[stage]?.beforeUpdate();
    else if (kind === "F") this.#beginForward(flight, microbatch, stage);
    else if (kind === "B" && this.#splitsBackward)
      flight.pending[stage] = this.#buffers.pending[stage]?.acquire() as number;
  }

  #beginForward(flight: Flight, microbatch: number, stage: number): void {
    flight.boundaries[stage] = this.#buffers.boundaries[stage]?.acquire() as number;
    flight.saved[stage] = this.#buffers.saved[stage]?.acquire() as number;
    flight.versions[stage] =
      this.#doubleBuffers[stage]?.acquire(microbatch) ??
      (this.#executor.updates[stage]?.versions.acquire() as number);
  }

  compute(kind: ActionKind, microbatch: number, stage: number): void {
    const flight = this.#flight(microbatch);
    if (kind === "F") this.#executor.forward(flight, stage);
    else if (kind === "U") this.#executor.updates[stage]?.flush();
    // What makes the weight gradient lets go of the weights, too.
    else if (kind === "W") this.#executor.backwardWeights(flight, stage);
    else if (this.#splitsBackward) this.#executor.backwardInput(flight, stage);
    else this.#executor.backward(flight, stage);
  }

  end(kind: ActionKind, microbatch: number, stage: number): void {
    if (kind === "U") this.#doubleBuffers[stage]?.afterUpdate();
    else if (kind === "B") this.#endBackward(this.#flight(microbatch), stage);
    else if (kind === "W") this.#endWeights(this.#flight(microbatch), stage);
  }

  #endBackward(flight: Flight, stage: number): void {
    if (!this.#splitsBackward) this.#buffers.saved[stage]?.release(flight.saved[stage] as number);
    this.#buffers.boundaries[stage]?.release(flight.boundaries[stage] as number);
    if (stage > 0) return;
    this.#buffers.inputs.release(flight.input);
    this.#buffers.labels.release(flight.labels);
  }

  #endWeights(flight: Flight, stage: number): void {
    this.#buffers.saved[stage]?.release(flight.saved[stage] as number);
    this.#buffers.pending[stage]?.release(flight.pending[stage] as number);
  }

  #flight(microbatch: number): Flight {
    return this.#flights[microbatch % this.#flights.length] as Flight;
  }
}
