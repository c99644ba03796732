import type { Cells } from "../memory/cells.js";

const head = 6;

/**
 * An item on its way through a worker's stages, and the slots it holds; -1 where it holds none. The
 * record is reused from item to item and is in memory that threads share.
 */
export class Flight {
  readonly boundaries: Int32Array;
  readonly saved: Int32Array;
  readonly versions: Int32Array;
  /** What waits for the second half of a backward pass in two parts. */
  readonly pending: Int32Array;
  readonly #head: Int32Array;
  /** Item, arrival. */
  readonly #numbers: Float64Array;

  /** @param slot index of this record in its worker's pool. */
  constructor(
    readonly worker: number,
    readonly slot: number,
    stageCount: number,
    cells: Cells,
  ) {
    const all = cells.ints(head + 4 * stageCount, (ints) => ints.fill(-1));
    const part = (index: number) =>
      all.subarray(head + index * stageCount, head + (index + 1) * stageCount);
    this.#head = all.subarray(0, head);
    this.boundaries = part(0);
    this.saved = part(1);
    this.versions = part(2);
    this.pending = part(3);
    this.#numbers = cells.doubles(2);
  }

  /** Whether it has the activations of a stage; if not, they are recomputed (T1). */
  keepsActivations(stage: number): boolean {
    return (this.saved[stage] as number) >= 0;
  }

  get item(): number {
    return this.#numbers[0] as number;
  }
  set item(value: number) {
    this.#numbers[0] = value;
  }

  /** Arrival time in nanoseconds. */
  get arrival(): number {
    return this.#numbers[1] as number;
  }
  set arrival(value: number) {
    this.#numbers[1] = value;
  }

  /** Samples of the composed batch. */
  get size(): number {
    return this.#head[0] as number;
  }
  set size(value: number) {
    this.#head[0] = value;
  }

  /** The first stage that learns from this item; stages before it omit the backward pass (T3). */
  get firstLearning(): number {
    return this.#head[1] as number;
  }
  set firstLearning(value: number) {
    this.#head[1] = value;
  }

  get input(): number {
    return this.#head[2] as number;
  }
  set input(value: number) {
    this.#head[2] = value;
  }

  get labels(): number {
    return this.#head[3] as number;
  }
  set labels(value: number) {
    this.#head[3] = value;
  }

  /** Samples beside them that `regulariseWhole` reads. */
  get reference(): number {
    return this.#head[5] as number;
  }
  set reference(value: number) {
    this.#head[5] = value;
  }

  /** Whether the item has been predicted, so that it may be learned. */
  get predicted(): boolean {
    return this.#head[4] === 1;
  }
  set predicted(value: boolean) {
    this.#head[4] = value ? 1 : 0;
  }
}
