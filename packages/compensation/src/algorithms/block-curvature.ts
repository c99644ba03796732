/** Numbers that are kept of a part, each averaged. The first three are weighted, see below. */
const product = 0;
const square = 1;
const turned = 2;
const gradients = 3;
const averages = 4;
const each = 5;

/** Numbers that the curvature of a block keeps: of the part along the direction, then of the rest. */
export const curvatureNumbers = 2 * each;

/** Updates over which curvature is averaged: these, and so many for each update of staleness. */
export const fewest = 6;
export const perStaleness = 1.5;
/** Share of the items' noise that lies in one direction, of a part with many. */
export const noiseAlongOne = 0.003;

/** Sums over a part of a block for one gradient: <s, y>, <s, s>, <g, s>, |g|^2, |average|^2. */
export type PartSums = Float64Array;
export const partSums = (): PartSums => new Float64Array(each);

/**
 * The curvature of one part of a block of parameters, by secants: the differences y and s of a fast
 * and a slow moving average of gradients and of the weights that they were computed with, h =
 * E<s, y> / E<s, s>. A gradient comes tau updates late, so hardly any item has a part in both, and
 * the items' noise averages out.
 *
 * Each gradient weighs 1 / |g|^2. Where the stream turns to something new, gradients jump, and y with
 * them, for all that weights have hardly moved. A jump of hundredfold squares weighs a hundredth
 * until weights move as far.
 */
export class PartCurvature {
  readonly #numbers: Float64Array;
  readonly #isWide: boolean;
  /** What the average and y have of the noise's square. */
  #averageNoise = 1;
  #differenceNoise = 0;

  /**
   * @param numbers Five, kept.
   * @param isWide Whether it has so many directions that noise falls into each by chance.
   */
  constructor(numbers: Float64Array, isWide: boolean) {
    this.#numbers = numbers;
    this.#isWide = isWide;
  }

  /** Whether the weights have ever moved between gradients. */
  get isKnown(): boolean {
    return this.#at(square) > 0;
  }

  /**
   * What curvature counts for where a gradient has the square `square`: less where that is more than the
   * last gradients had. Such a gradient is one of something new, where a softmax that is wrong and sure
   * of it has next to no curvature, and where damping only keeps the model from learning it.
   */
  ease(square: number): number {
    const usual = this.#at(gradients);
    return square > usual ? usual / square : 1;
  }

  /** h. Of a wide part less what noise alone would make of it (James and Stein). */
  get curvature(): number {
    const moved = this.#at(square);
    if (!(moved > 0)) return 0;
    const h = this.#at(product) / moved;
    if (!this.#isWide || h <= 0) return h;
    const noise = noiseAlongOne * this.#differenceNoise * (1 - this.signal);
    return Math.max(0, h - noise / this.#at(product));
  }

  /**
   * Cosine of gradients with the way that weights went before, -1 to 1: descent goes on where it is
   * below 0, and has gone too far where it is above.
   */
  get turn(): number {
    const norms = (this.#at(square) * this.#at(averages)) / this.#at(gradients);
    return norms > 0 ? Math.min(1, Math.max(-1, this.#at(turned) / Math.sqrt(norms))) : 0;
  }

  /**
   * Share of the average that is no noise: one of n gradients, each of square
   * G = |mean|^2 + noise, has the square |mean|^2 + noise / n (James and Stein).
   */
  get signal(): number {
    const average = this.#at(averages);
    const noise = this.#averageNoise;
    if (!(average > 0 && noise < 1)) return 0;
    const share = (1 - (noise * this.#at(gradients)) / average) / (1 - noise);
    return Math.min(1, Math.max(0, share));
  }

  /**
   * @param averageNoise what the average of gradients has of the noise of one, of its square.
   * @param differenceNoise the same of y.
   */
  measure(sums: PartSums, staleness: number, averageNoise: number, differenceNoise: number): void {
    this.#averageNoise = averageNoise;
    this.#differenceNoise = differenceNoise;
    const rate = 1 / (1 + staleness);
    this.#average(gradients, sums[gradients] as number, rate);
    this.#average(averages, sums[averages] as number, rate);
    const norm = Math.max(sums[gradients] as number, this.#at(gradients));
    if (!(norm > 0)) return;
    this.#average(turned, (sums[turned] as number) / norm, rate);
    const moved = sums[square] as number;
    if (!(moved > 0)) return;
    const slowly = 1 / (fewest + perStaleness * staleness);
    this.#average(product, (sums[product] as number) / norm, slowly);
    this.#average(square, moved / norm, slowly);
  }

  #at(place: number): number {
    return this.#numbers[place] as number;
  }

  #average(place: number, value: number, rate: number): void {
    this.#numbers[place] = this.#at(place) + rate * (value - this.#at(place));
  }
}
