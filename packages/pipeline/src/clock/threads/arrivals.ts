import type { Batch } from "../../execute/algorithm.js";
import type { Cells } from "../../memory/cells.js";
import type { Memory } from "../../memory/memory.js";
import { isRegression, type Loss } from "../../model/loss.js";

const noLabels = new Int32Array(0);

const arrived = 0;
const begun = 1;
const collected = 2;

/**
 * Item, samples predicted right (in regression the mean squared error) or -1 before, worker and slot of its flight or -1, whether it was sound,
 * samples, whether its logits are asked for.
 */
const fields = 7;

/** What is told of an item when its slot is opened. */
export interface Arrival {
  readonly item: number;
  /** Samples, at most a batch. */
  readonly size: number;
  /** Of the flight that waits for its prediction; -1: none does. */
  readonly worker: number;
  readonly slot: number;
  /** Whether logits are to take the place of its inputs. */
  readonly keepsLogits: boolean;
}

/**
 * Items that have arrived and wait for their prediction, a ring in the order of arrival:
 *
 * ```
 *     collected        begun           arrived
 *         v              v                v
 *   free | predicted or | waiting        | free
 *        | in work      |                |
 * ```
 *
 * Predictions may end in any order; they are collected in the order of arrival. Between threads
 * every method but `at`, `predictedAt` and `isSound` is called under one lock.
 */
export class Arrivals {
  readonly capacity: number;
  readonly #batches: readonly Batch[];
  /** By slot: the class predicted of each sample. */
  readonly #predicted: readonly Int32Array[];
  readonly #predictsValues: boolean;
  readonly #classes: number;
  readonly #counts: Float64Array;
  readonly #slots: Float64Array;

  constructor(
    {
      capacity,
      batch,
      inputLength,
      classes,
      loss,
    }: {
      capacity: number;
      batch: number;
      inputLength: number;
      classes: number;
      loss?: Loss | undefined;
    },
    memory: Memory,
    cells: Cells,
  ) {
    this.capacity = capacity;
    this.#classes = classes;
    this.#predictsValues = isRegression({ loss });
    this.#batches = Array.from({ length: capacity }, () => ({
      x: memory.floats("queue", batch * Math.max(inputLength, classes)),
      ...(this.#predictsValues
        ? { labels: noLabels, targets: memory.floats("queue", batch * classes) }
        : { labels: memory.ints("queue", batch) }),
      size: batch,
    }));
    const predicted = cells.ints(this.#predictsValues ? 0 : batch * capacity);
    this.#predicted = this.#batches.map((_, slot) =>
      predicted.subarray(slot * batch, (slot + 1) * batch),
    );
    this.#counts = cells.doubles(3);
    this.#slots = cells.doubles(fields * capacity);
  }

  get hasRoom(): boolean {
    return this.#count(arrived) - this.#count(collected) < this.capacity;
  }

  /** Whether every prediction has been collected. */
  get empty(): boolean {
    return this.#count(arrived) === this.#count(collected);
  }

  at(slot: number): Batch {
    return this.#batches[slot] as Batch;
  }

  /**
   * Written by who predicts the slot's item, read when it has been collected; empty in regression,
   * where the values stand where the inputs were.
   */
  predictedAt(slot: number): Int32Array {
    return this.#predicted[slot] as Int32Array;
  }

  /** The slot of the oldest item not collected yet. */
  get nextCollected(): number {
    return this.#count(collected) % this.capacity;
  }

  /** The slot that the next item is to be written to. */
  get nextFree(): number {
    return this.#count(arrived) % this.capacity;
  }

  /** Opens the slot `nextFree` for prediction; its item's flight, if it has one, waits for that. */
  push({ item, size, worker, slot, keepsLogits }: Arrival): void {
    this.at(this.nextFree).size = size;
    const place = fields * this.nextFree;
    this.#slots[place] = item;
    this.#slots[place + 1] = -1;
    this.#slots[place + 2] = worker;
    this.#slots[place + 3] = slot;
    this.#slots[place + 5] = size;
    this.#slots[place + 6] = keepsLogits ? 1 : 0;
    this.#counts[arrived] = this.#count(arrived) + 1;
  }

  /** The slot of the next item to predict, or -1; it belongs to the caller then. */
  begin(): number {
    if (this.#count(begun) === this.#count(arrived)) return -1;
    const slot = this.#count(begun) % this.capacity;
    this.#counts[begun] = this.#count(begun) + 1;
    this.at(slot).size = this.#slots[fields * slot + 5] as number;
    return slot;
  }

  /** Copies the labels of an item, or its targets, to a slot. */
  copyTruth(slot: number, { labels, targets, size }: Batch): void {
    const copy = this.at(slot);
    if (copy.targets && targets) copyFront(targets, copy.targets, size * this.#classes);
    else copyFront(labels, copy.labels, size);
  }

  /**
   * Puts the logits [size, classes] where the inputs were, if somebody asks for them; in regression
   * always.
   */
  keepLogits(slot: number, logits: Float32Array, classes: number): void {
    if (this.#slots[fields * slot + 6] !== 1 && !this.#predictsValues) return;
    const { x, size } = this.at(slot);
    for (let index = 0; index < size * classes; index++) x[index] = logits[index] as number;
  }

  /** @param isSound whether the logits were finite. */
  end(slot: number, right: number, isSound: boolean): void {
    this.#slots[fields * slot + 1] = right;
    this.#slots[fields * slot + 4] = isSound ? 1 : 0;
  }

  /** As `predictedAt`. */
  isSound(slot: number): boolean {
    return this.#slots[fields * slot + 4] === 1;
  }

  itemOf(slot: number): number {
    return this.#slots[fields * slot] as number;
  }

  /** Worker and slot of the item's flight, -1 where it was dropped. */
  workerOf(slot: number): number {
    return this.#slots[fields * slot + 2] as number;
  }

  flightOf(slot: number): number {
    return this.#slots[fields * slot + 3] as number;
  }

  /**
   * Samples predicted right of the oldest item not collected yet, in regression its mean squared
   * error, which may be NaN; or -1. Its slot goes free.
   */
  collect(): number {
    if (this.empty) return -1;
    const place = fields * (this.#count(collected) % this.capacity);
    const right = this.#slots[place + 1] as number;
    if (right !== -1) this.#counts[collected] = this.#count(collected) + 1;
    return right;
  }

  #count(which: number): number {
    return this.#counts[which] as number;
  }
}

/** Copies the first values; a view is made only of an array that has more. */
function copyFront<Values extends Int32Array | Float32Array>(
  from: Values,
  to: Values,
  length: number,
): void {
  to.set(from.length === length ? from : from.subarray(0, length));
}
