import type { LivePoint } from "./snapshot.js";

/**
 * Points of a stream of any length: where there are too many, every second one is left out, and from
 * then on half as many come in.
 */
export class LiveHistory {
  readonly #most: number;
  #points: LivePoint[] = [];
  /** One of so many is kept. */
  #stride = 1;
  #offered = 0;

  /** @param most points that are kept. */
  constructor(most = 1200) {
    this.#most = most;
  }

  add(point: LivePoint): void {
    const isKept = this.#offered % this.#stride === 0;
    this.#offered += 1;
    if (!isKept) return;
    this.#points.push(point);
    if (this.#points.length <= this.#most) return;
    this.#points = this.#points.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  get points(): readonly LivePoint[] {
    return this.#points;
  }
}
