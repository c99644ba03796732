/**
 * Seeded random numbers: sfc32 (C. Doty-Humphrey, PractRand), 96 bits of state and a counter.
 * Three words name a sequence, so that each sample of a data set can own one and be drawn in any
 * order. All results are the same on every machine.
 */
export class Random {
  readonly #state = new Int32Array(4);

  constructor(seed: number, stream = 0, index = 0) {
    this.reseed(seed, stream, index);
  }

  /** Starts the sequence named by three words (each taken modulo 2^32), without allocating. */
  reseed(seed: number, stream = 0, index = 0): void {
    const state = this.#state;
    state[0] = seed;
    state[1] = stream;
    state[2] = index;
    state[3] = 1;
    for (let round = 0; round < 12; round++) this.bits();
  }

  /** 32 random bits, as an integer in [0, 2^32). */
  bits(): number {
    const state = this.#state;
    const b = state[1]!;
    const c = state[2]!;
    const counter = state[3]!;
    const result = (((state[0]! + b) | 0) + counter) | 0;
    state[3] = counter + 1;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + result;
    return result >>> 0;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * (this.bits() / 2 ** 32);
  }

  /** Uniform between two bounds. */
  within(bounds: readonly [number, number]): number {
    return this.between(bounds[0], bounds[1]);
  }

  /** A uniform integer in [0, limit), limit at most 2^32 (the bias is below limit / 2^32). */
  below(limit: number): number {
    return Math.floor((this.bits() / 2 ** 32) * limit);
  }

  /** About normal, mean 0 and variance 1: the sum of the four bytes of one word, within ±3.5. */
  roughNormal(): number {
    const bits = this.bits();
    const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
    return (sum - 510) / roughDeviation;
  }
}

/** Standard deviation of the sum of four independent uniform bytes. */
const roughDeviation = Math.sqrt((4 * (256 ** 2 - 1)) / 12);

/** Puts the values in a random order, in place (Fisher and Yates). */
export function shuffle(values: Uint32Array | number[], random: Random): void {
  for (let last = values.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const kept = values[last]!;
    values[last] = values[other]!;
    values[other] = kept;
  }
}
