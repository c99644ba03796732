/** A small seeded generator (SplitMix32) whose whole state is one number, so it is saved easily. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer in [0, limit), each equally likely; limit up to 2^53. */
  below(limit: number): number {
    return Math.floor(this.#unit() * limit);
  }

  /** The whole state, to be saved with an algorithm's. */
  save(): readonly number[] {
    return [this.#state];
  }

  /** Continues from what `save` returned. */
  restore([state]: readonly number[]): void {
    this.#state = (state as number) >>> 0;
  }

  /** A number in [0, 1) with 53 random bits. */
  #unit(): number {
    return ((this.#bits() >>> 5) * 2 ** 26 + (this.#bits() >>> 6)) / 2 ** 53;
  }

  #bits(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }
}
