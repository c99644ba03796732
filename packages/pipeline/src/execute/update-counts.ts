import type { Cells } from "../memory/cells.js";

/** A gradient staler than this counts as this stale. */
const mostStale = 4095;

const deferred = 0;
const due = 1;
const pending = 2;
const refused = 3;
const firstRefused = 4;
const lapsed = 5;
const firstWorker = 6;

/** What one stage counts of its gradients and updates, in cells that threads share. */
export class UpdateCounts {
  /** By staleness: gradients applied. */
  readonly #staleness: Float64Array;
  /**
   * Deferred updates, whether one is due, gradients in the accumulator, those refused, 1 + the item
   * of the first of them, whether some were since the last update; then by worker the gradients
   * gathered.
   */
  readonly #counts: Int32Array;
  /** What the gradients in the accumulator count for in all, see `Drain`. */
  readonly #shares: Float64Array;
  /** By worker: gradients gathered before an update. */
  readonly #groups: readonly number[];

  constructor(cells: Cells, groups: readonly number[]) {
    this.#staleness = cells.doubles(mostStale + 1);
    this.#counts = cells.ints(firstWorker + groups.length);
    this.#shares = cells.doubles(1);
    this.#groups = groups;
  }

  /** Gradients applied, by staleness. */
  get staleness(): number[] {
    const used = this.#staleness.findLastIndex((count) => count > 0) + 1;
    return Array.from(this.#staleness.subarray(0, used));
  }

  /** Updates that had to wait for a free version slot. */
  get deferred(): number {
    return this.#counts[deferred] as number;
  }

  /** Gradients that made no update. */
  get refused(): number {
    return this.#counts[refused] as number;
  }

  /** The item that the first of them came from; -1 where there is none. */
  get firstRefused(): number {
    return (this.#counts[firstRefused] as number) - 1;
  }

  /** Gradients in the accumulator. */
  get pending(): number {
    return this.#counts[pending] as number;
  }

  /** Whether an update waits to be published: its group is full. */
  get isDue(): boolean {
    return this.#counts[due] === 1;
  }

  /** Whether gradients were refused since the last update. */
  get hasLapsed(): boolean {
    return this.#counts[lapsed] === 1;
  }

  /** What the gathered gradients count for on average. */
  get shareGathered(): number {
    return (this.#shares[0] as number) / this.pending;
  }

  apply(staleness: number, more: 1 | -1 = 1): void {
    const counted = Math.min(staleness, mostStale);
    this.#staleness[counted] = (this.#staleness[counted] as number) + more;
  }

  refuse(item: number): void {
    const counts = this.#counts;
    if (counts[refused] === 0) counts[firstRefused] = item + 1;
    counts[refused] = (counts[refused] as number) + 1;
    counts[lapsed] = 1;
  }

  /** A gradient is in the accumulator now. */
  accumulate(share: number): void {
    this.#shares[0] = (this.#shares[0] as number) + share;
    this.#counts[pending] = this.pending + 1;
  }

  /** A worker's gradient, refused or not, takes a place in its group; the last makes an update due. */
  gather(worker: number): void {
    const place = firstWorker + worker;
    const gathered = (this.#counts[place] as number) + 1;
    this.#counts[place] = gathered % (this.#groups[worker] as number);
    if (this.#counts[place] === 0) this.#counts[due] = 1;
  }

  /** The update that is due waits for a free slot. */
  defer(): void {
    this.#counts[deferred] = this.deferred + 1;
  }

  /** There was nothing in the group that was due. */
  skip(): void {
    this.#counts[due] = 0;
  }

  /** An update of no gradients stands for those that were refused. */
  lapse(): void {
    this.#counts[lapsed] = 0;
  }

  /** What was gathered is published. */
  empty(): void {
    this.#counts[due] = 0;
    this.#counts[pending] = 0;
    this.#counts[lapsed] = 0;
    this.#shares[0] = 0;
  }
}
