import type { Batch } from "../execute/algorithm.js";
import type { Flight } from "../execute/flight.js";
import type { Cells } from "../memory/cells.js";
import type { Choice } from "./choice.js";
import type { CourseParts, WaitingRoom } from "./contract.js";
import { OneStageCourse } from "./one-stage.js";
import type { WaitingItems } from "./waiting-items.js";

/**
 * Batch skip: the newest B items that were not learned wait; whenever the learner is idle it takes
 * N of them, or all if they are fewer, and makes one step on them together.
 *
 * ```
 * item       0 1 2 3 4 5 6 7 8 ...       B = 4, N = 2, an item is learned in 3 intervals
 * learning   |0    |2,3        |...      Last-N; 1 waits on until 4 others wait
 * ```
 *
 * An item is pushed out unlearned when B newer ones wait. What still waits when the stream ends is
 * not learned.
 *
 * This is the course of whoever brings the items, and composes; threads that only learn have a
 * `OneStageCourse` on the same cells.
 */
export class BatchSkipCourse extends OneStageCourse implements WaitingRoom {
  readonly #waiting: WaitingItems;
  readonly #choice: Choice;
  readonly #atOnce: number;
  #isDraining = false;
  #choosingTime = 0;
  #itemsAtOnce = 0;

  /** @param atOnce items that are learned at once, at the most. */
  constructor(
    parts: CourseParts,
    cells: Cells,
    { waiting, choice, atOnce }: { waiting: WaitingItems; choice: Choice; atOnce: number },
  ) {
    super(parts, cells, atOnce * waiting.batch);
    this.#waiting = waiting;
    this.#choice = choice;
    this.#atOnce = atOnce;
  }

  override get waitingRoom(): WaitingRoom {
    return this;
  }

  override get itemsAtOnce(): number {
    return this.#itemsAtOnce;
  }

  override get choosingTime(): number {
    return this.#choosingTime;
  }

  override hasRoom(): boolean {
    return this.isThrough || this.#waiting.size < this.#waiting.capacity;
  }

  add(item: Batch, at: number): void {
    this.#waiting.push(item, at);
  }

  get isCalled(): boolean {
    return this.isThrough && this.#waiting.size > 0 && !this.#isDraining;
  }

  gather(item: number): Flight {
    const [waiting, choice] = [this.#waiting, this.#choice];
    const { size, batch, arrivals } = waiting;
    const count = Math.min(this.#atOnce, size);
    this.#itemsAtOnce = count;
    this.#choosingTime = choice.choosingTime?.(size, count) ?? 0;
    choice.choose(waiting, count);
    const samples = count * batch;
    for (let sample = 0; sample < samples; sample++)
      this.arrivalsOfBatch[sample] = arrivals[sample] as number;
    const flight = this.take(item, count, samples);
    this.compose(flight, waiting.front(samples));
    waiting.removeFront(choice.usesUpAll ? size : count);
    return flight;
  }

  override start(): void {
    this.#isDraining = false;
  }

  override drain(): void {
    this.#isDraining = true;
  }
}
