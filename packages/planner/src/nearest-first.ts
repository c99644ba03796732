/** Up to about this many places, each is looked at before any in between. */
const coarse = 8;

/**
 * An order in which to look at places 0 .. count - 1 whose values are similar if they are near:
 * first a few from one end to the other, then the nearest to the best one so far.
 */
export class NearestFirst {
  /** To be set whenever a place turns out best. */
  best = 0;
  readonly #isOpen: boolean[];
  readonly #stride: number;
  #coarse: number;

  constructor(count: number) {
    this.#isOpen = new Array<boolean>(count).fill(true);
    this.#stride = Math.max(1, Math.ceil(count / coarse));
    this.#coarse = Math.floor(this.#stride / 2);
  }

  /** The next place; null when all have been given. */
  next(): number | null {
    const place = this.#coarse < this.#isOpen.length ? this.#coarse : this.#nearest();
    this.#coarse += this.#stride;
    if (place !== null) this.#isOpen[place] = false;
    return place;
  }

  #nearest(): number | null {
    for (let distance = 0; distance < this.#isOpen.length; distance += 1)
      for (const place of [this.best - distance, this.best + distance])
        if (this.#isOpen[place] === true) return place;
    return null;
  }
}
