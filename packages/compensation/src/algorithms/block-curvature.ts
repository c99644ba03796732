// Places in the numbers of a block: of the part along the direction, then of the rest, each sum
// averaged: <s, y>, <s, s>, |g|^2, |fast average of g|^2.
const along = 0;
const beside = 4;
const product = 0;
const square = 1;
const gradients = 2;
const averages = 3;

/** Numbers that the curvature of a block keeps. */
export const curvatureNumbers = 8;

/** Updates over which curvature is averaged: these, and so many for each update of staleness. */
export const fewest = 6;
export const perStaleness = 1.5;

/**
 * The curvatures of a block of parameters, by secants: the differences y and s of a fast and a slow
 * moving average of gradients and of the weights that they were computed with, h = E<s, y> /
 * E<s, s>. A gradient comes tau updates late, so hardly any item has a part in both, and the items'
 * noise averages out.
 *
 * A matrix has two curvatures. Activations are alike in all items, so that of a layer's loss, which
 * is about E[a a^T] (x) S (Martens and Grosse, arXiv 1503.05671), is large along the mean
 * activation, for each output, and small beside it.
 *
 * Beside them the share of the fast average that is no noise: one of n gradients, each of square
 * G = |mean|^2 + noise, has the square |mean|^2 + noise / n (James and Stein).
 */
export class BlockCurvature {
  readonly #numbers: Float64Array;

  /** @param numbers `curvatureNumbers`, kept. */
  constructor(numbers: Float64Array) {
    this.#numbers = numbers;
  }

  /** Whether the weights have ever moved between gradients. */
  get isKnown(): boolean {
    return this.#at(along + square) + this.#at(beside + square) > 0;
  }

  /** Along the direction, for each column. */
  get along(): number {
    return this.#curvature(along);
  }

  /** Beside it; of the whole block where it is no matrix. */
  get beside(): number {
    return this.#curvature(beside);
  }

  /** @param noise 1 / n, what the fast average leaves of the noise's square. */
  signalAlong(noise: number): number {
    return this.#signal(along, noise);
  }

  signalBeside(noise: number): number {
    return this.#signal(beside, noise);
  }

  /** Both: <s, y>, <s, s>, |g|^2 and the square of the fast average, for one gradient. */
  measure(alongSums: Float64Array, besideSums: Float64Array, staleness: number): void {
    this.#measure(along, alongSums, staleness);
    this.#measure(beside, besideSums, staleness);
  }

  #at(place: number): number {
    return this.#numbers[place] as number;
  }

  #curvature(part: number): number {
    const moved = this.#at(part + square);
    return moved > 0 ? this.#at(part + product) / moved : 0;
  }

  #signal(part: number, noise: number): number {
    const average = this.#at(part + averages);
    if (!(average > 0 && noise < 1)) return 0;
    const share = (1 - (noise * this.#at(part + gradients)) / average) / (1 - noise);
    return Math.min(1, Math.max(0, share));
  }

  #measure(part: number, sums: Float64Array, staleness: number): void {
    const rate = 1 / (1 + staleness);
    this.#average(part + gradients, sums[gradients] as number, rate);
    this.#average(part + averages, sums[averages] as number, rate);
    const moved = sums[square] as number;
    if (!(moved > 0)) return;
    const slowly = 1 / (fewest + perStaleness * staleness);
    this.#average(part + product, sums[product] as number, slowly);
    this.#average(part + square, moved, slowly);
  }

  #average(place: number, value: number, rate: number): void {
    this.#numbers[place] = this.#at(place) + rate * (value - this.#at(place));
  }
}
