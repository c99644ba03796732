import type { Batch } from "../execute/algorithm.js";
import type { Flight } from "../execute/flight.js";
import type { Cells } from "../memory/cells.js";
import type { Pool } from "../memory/pool.js";
import type { Course, CourseParts, Task } from "./contract.js";

/** What the learner is at. */
const idle = 0;
/** A batch is composed; something of it has not been predicted yet. */
const composed = 1;
const ready = 2;
const learning = 3;

interface WholeTask extends Task {
  kind: "F" | "B";
  item: number;
}

/**
 * The whole model as one stage that learns one batch at a time, from beginning to end: a forward
 * pass, a backward pass with the update, then what comes next. Items that come meanwhile are
 * dropped.
 *
 * ```
 * item       0 1 2 3 4 5 6 ...       learned in 3 intervals
 * learning   |F B  |F B  |F ..       0, 3, 6
 * ```
 *
 * So a gradient is never late, and there is one version of the weights.
 */
export class OneStageCourse implements Course {
  readonly deviceCount = 1;
  readonly parts: CourseParts;
  readonly #flights: Pool<Flight>;
  /** What the learner is at, and the times in `#arrivals` that count. */
  readonly #state: Int32Array;
  /** Items taken in. */
  readonly #admitted: Float64Array;
  /** When what the batch is of came, nanoseconds. */
  readonly #arrivals: Float64Array;
  readonly #task: WholeTask = {
    device: 0,
    kind: "F",
    item: -1,
    worker: 0,
    stage: 0,
    isFleeting: false,
  };

  /** @param mostArrivals times of arrival that a batch has at the most, each one's latency counted. */
  constructor(parts: CourseParts, cells: Cells, mostArrivals = 1) {
    this.parts = parts;
    this.#flights = parts.executor.buffers.flights[0] as Pool<Flight>;
    this.#state = cells.ints(2);
    this.#admitted = cells.doubles(1);
    this.#arrivals = cells.doubles(mostArrivals);
  }

  get waitingRoom(): Course["waitingRoom"] {
    return null;
  }

  /** Items of the batch that is learned now, as far as whoever brings them knows. */
  get itemsAtOnce(): number {
    return 1;
  }

  /** Milliseconds that choosing them takes on a virtual clock. */
  get choosingTime(): number {
    return 0;
  }

  get admitted(): number {
    return this.#admitted[0] as number;
  }

  get isThrough(): boolean {
    return this.#state[0] === idle;
  }

  hasRoom(): boolean {
    return this.isThrough;
  }

  arrive(item: number, at: number): Flight | null {
    if (!this.isThrough) return null;
    this.#arrivals[0] = at;
    return this.take(item, 1, 1);
  }

  /**
   * Gives an idle learner a batch to be composed, and its flight.
   * @param item number of the last one that has come.
   * @param items that are learned with it.
   * @param arrivals of its times that have been written to `arrivalsOfBatch`.
   */
  protected take(item: number, items: number, arrivals: number): Flight {
    const { inputs, labels } = this.parts.executor.buffers;
    const flight = this.#flights.at(this.#flights.acquire());
    flight.item = item;
    flight.firstLearning = 0;
    flight.input = inputs.acquire();
    flight.labels = labels.acquire();
    this.#admitted[0] = this.admitted + items;
    this.#state[0] = composed;
    this.#state[1] = arrivals;
    return flight;
  }

  protected get arrivalsOfBatch(): Float64Array {
    return this.#arrivals;
  }

  compose(flight: Flight, item: Batch): void {
    this.parts.executor.compose(flight, item);
  }

  predicted(): void {
    this.#state[0] = ready;
  }

  next(): Task | null {
    if (this.#state[0] !== ready) return null;
    this.#task.kind = "F";
    this.#task.item = this.#flight.item;
    return this.#task;
  }

  begin(): void {
    const { buffers, updates } = this.parts.executor;
    const flight = this.#flight;
    flight.boundaries[0] = buffers.boundaries[0]?.acquire() as number;
    flight.saved[0] = buffers.saved[0]?.acquire() as number;
    flight.versions[0] = updates[0]?.versions.acquire() as number;
    this.#state[0] = learning;
  }

  compute({ kind }: Task): void {
    const { executor } = this.parts;
    if (kind === "F") executor.forward(this.#flight, 0);
    else executor.backward(this.#flight, 0);
  }

  end({ kind, item }: Task, start: number, now: number): Task | null {
    const { executor, log } = this.parts;
    if (kind === "F") {
      log.add("F", item, 0, 0, start, now);
      this.#task.kind = "B";
      return this.#task;
    }
    const updates = executor.updates[0];
    // Where time is real the update was made before now.
    const end = updates && updates.appliedAt >= start ? updates.appliedAt : now;
    log.add("B", item, 0, 0, start, end);
    if (updates?.published) log.add("U", item, 0, 0, end, end);
    this.#leave(now);
    return null;
  }

  #leave(now: number): void {
    const { executor, latency } = this.parts;
    const { buffers } = executor;
    const flight = this.#flight;
    const arrivals = this.#state[1] as number;
    for (let index = 0; index < arrivals; index++)
      latency.add(now - (this.#arrivals[index] as number));
    buffers.boundaries[0]?.release(flight.boundaries[0] as number);
    buffers.saved[0]?.release(flight.saved[0] as number);
    buffers.inputs.release(flight.input);
    buffers.labels.release(flight.labels);
    // The update has released the weights.
    flight.versions[0] = -1;
    this.#flights.release(flight.slot);
    this.#state[0] = idle;
  }

  start(): void {}

  drain(): void {}

  finish(): void {
    this.parts.executor.settle();
  }

  /** The only one there is. */
  get #flight(): Flight {
    return this.#flights.at(0);
  }
}
