import type { EndlessOrder } from "../../schedule/endless.js";
import { DoubleBuffer } from "../../weights/double-buffer.js";
import type { Batch } from "../algorithm.js";
import type { WorkerBuffers } from "../buffers.js";
import type { Executor } from "../execute.js";
import type { Flight } from "../flight.js";
import { PutOff } from "./put-off.js";

/**
 * The passes of micro-batches through the stages: each takes the slots that it needs when it
 * begins and gives back when it ends what nobody reads any more. Micro-batches are counted from 0
 * since the last `begin`; one flight each, in a ring, for they leave in the order in which they
 * came.
 *
 * Where B and W are apart, the runtimes' backward pass, which cannot be split, does the math of
 * both when B ends. The gradient then waits in the accumulator, and what W reads (activations,
 * the gradient at the output, the model's input) is held until W ends.
 */
export class Passes {
  readonly #executor: Executor;
  readonly #worker: WorkerBuffers;
  readonly #flights: readonly Flight[];
  /** By stage; empty where every pass uses the newest version. */
  readonly #doubleBuffers: readonly DoubleBuffer[];
  /** By stage: what waits for its W; empty where B does it all. */
  readonly #putOff: readonly PutOff[];

  constructor(executor: Executor, { order }: EndlessOrder) {
    this.#executor = executor;
    this.#worker = executor.buffers.workers[0] as WorkerBuffers;
    this.#flights = this.#worker.flights.all;
    this.#doubleBuffers =
      order.delay === 0
        ? []
        : executor.updates.map(({ versions }) => new DoubleBuffer(versions, order.period));
    this.#putOff = order.splitsBackward
      ? executor.stages.map((_, stage) => new PutOff(this.#worker, stage))
      : [];
  }

  begin(): void {
    for (const buffer of this.#doubleBuffers) buffer.begin();
  }

  /** Applies what is still gathered; nothing may be on its way. */
  finish(): void {
    for (const buffer of this.#doubleBuffers) buffer.end();
    this.#executor.settle();
  }

  /** Takes a micro-batch in; it lies in its slots until stage 0 begins with it. */
  admit(microbatch: number, item: Batch): void {
    const flight = this.#flight(microbatch);
    flight.firstLearning = 0;
    flight.input = this.#worker.inputs.acquire();
    flight.labels = this.#worker.labels.acquire();
    this.#executor.compose(flight, item);
  }

  beginForward(microbatch: number, stage: number): void {
    const flight = this.#flight(microbatch);
    flight.boundaries[stage] = this.#worker.boundaries[stage]?.acquire() as number;
    flight.saved[stage] = this.#worker.saved[stage]?.acquire() as number;
    flight.versions[stage] =
      this.#doubleBuffers[stage]?.acquire(microbatch) ??
      (this.#executor.updates[stage]?.versions.acquire() as number);
  }

  endForward(microbatch: number, stage: number): void {
    this.#executor.forward(this.#flight(microbatch), stage);
  }

  endBackward(microbatch: number, stage: number): void {
    const flight = this.#flight(microbatch);
    // Lets go of the weights, too.
    this.#executor.backward(flight, stage);
    const putOff = this.#putOff[stage];
    if (putOff) putOff.push(flight);
    else {
      this.#worker.saved[stage]?.release(flight.saved[stage] as number);
      this.#worker.boundaries[stage]?.release(flight.boundaries[stage] as number);
      if (stage === 0) this.#worker.inputs.release(flight.input);
    }
    if (stage === 0) this.#worker.labels.release(flight.labels);
  }

  /** The weight gradient of the micro-batch that has waited longest. */
  endWeight(stage: number): void {
    this.#putOff[stage]?.release();
  }

  update(stage: number): void {
    const buffer = this.#doubleBuffers[stage];
    buffer?.beforeUpdate();
    this.#executor.updates[stage]?.flush();
    buffer?.afterUpdate();
  }

  #flight(microbatch: number): Flight {
    return this.#flights[microbatch % this.#flights.length] as Flight;
  }
}
