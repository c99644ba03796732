import type { Batch } from "./algorithm.js";
import type { Executor } from "./execute.js";
import type { Flight } from "./flight.js";

/**
 * Learns one item at a time from beginning to end, as the sequential learners do that a pipeline
 * is compared with. Its executor has one stage, one worker and no queue.
 */
export class SequentialTrainer {
  readonly #executor: Executor;
  readonly #flight: Flight;

  constructor(executor: Executor) {
    const { buffers } = executor;
    const [flights] = buffers.flights;
    if (executor.stages.length !== 1 || buffers.flights.length !== 1 || !flights)
      throw new Error("Expected an executor of one stage and one worker");
    this.#executor = executor;
    this.#flight = flights.at(flights.acquire());
    this.#flight.firstLearning = 0;
    this.#flight.input = buffers.inputs.acquire();
    this.#flight.labels = buffers.labels.acquire();
    this.#flight.boundaries[0] = buffers.boundaries[0]?.acquire() as number;
    this.#flight.saved[0] = buffers.saved[0]?.acquire() as number;
  }

  /**
   * Takes an item in, which its owner has checked: the batch to learn is composed now, the learning
   * comes later.
   * @param index which one of the stream it is, for messages; of several, the last.
   */
  admit(item: Batch, index = 0): void {
    this.#flight.item = index;
    this.#executor.compose(this.#flight, item);
  }

  /** Forward pass, backward pass and update on the batch that was taken in last. */
  learn(): void {
    const flight = this.#flight;
    flight.versions[0] = this.#executor.updates[0]?.versions.acquire() as number;
    this.#executor.forward(flight, 0);
    this.#executor.backward(flight, 0);
  }
}
