const none = -1;

/** Places in the order in which they were taken: the oldest is found, and any one leaves, in no time. */
export class AgeOrder {
  readonly #older: Int32Array;
  readonly #newer: Int32Array;
  #oldest = none;
  #newest = none;

  constructor(places: number) {
    this.#older = new Int32Array(places).fill(none);
    this.#newer = new Int32Array(places).fill(none);
  }

  /** Undefined: there is none. */
  get oldest(): number | undefined {
    return this.#oldest === none ? undefined : this.#oldest;
  }

  add(place: number): void {
    this.#older[place] = this.#newest;
    this.#newer[place] = none;
    if (this.#newest === none) this.#oldest = place;
    else this.#newer[this.#newest] = place;
    this.#newest = place;
  }

  remove(place: number): void {
    const older = this.#older[place] as number;
    const newer = this.#newer[place] as number;
    if (older === none) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === none) this.#newest = older;
    else this.#older[newer] = older;
  }
}
