/** A block of losses holds so many items, and so many samples, at least. */
const blockItems = 5;
const blockSamples = 80;
/** Blocks after a boundary before the next one can be told. */
const settlingBlocks = 8;
/** Share of the level and of the deviation that a block takes over from those before it. */
const blockShare = 0.2;
/** A rise is one of so many deviations, and of this share of the peak's height over the level. */
const deviations = 8;
const peakShare = 0.25;

/** What a loss tells: nothing yet; that the data are as before; that they have changed. */
export type Turn = "none" | "settled" | "boundary";

/**
 * Tells task boundaries, which nobody announces, by the loss: where it rises after a plateau (the
 * peaks of Aljundi, Kelchtermans and Tuytelaars 2019, "Task-Free Continual Learning", 3.2, who compare
 * it with mean and standard deviation of the plateau).
 *
 * ```
 * loss  |\          |\    <- peak
 *       | \_        | \_
 *       |   \_______|   \____
 *       settled ....^ boundary
 * ```
 *
 * On means m over blocks, with moving averages of m (level) and of |m - level| (deviation) and the
 * highest m (peak) since the last boundary, a boundary is
 *
 * ```
 * m - level > max(8 deviation, (peak - level) / 4)
 * ```
 *
 * which needs no scale of the loss. Every other block's end is `settled`: what was taken then, as a
 * copy of the model, is of before the boundary.
 *
 * The constants were chosen on losses of an MLP, at learning rates .05 and .01 and 1 to 16 samples an
 * item: of 96 boundaries of split, recurring and permuted streams (MNIST, CIFAR-10, glyphs) all are
 * told within two blocks, and one is told that is none; in 8 streams that are shuffled, rotate or
 * change gradually none is.
 */
export class BoundaryDetector {
  readonly #blockLength: number;
  #sum = 0;
  #count = 0;
  #level = 0;
  #deviation = 0;
  #peak = 0;
  /** Since the last boundary. */
  #blocks = 0;

  /** @param batch samples of an item. */
  constructor(batch: number) {
    this.#blockLength = Math.max(blockItems, Math.ceil(blockSamples / batch));
  }

  /** Takes in the loss of the next item; one that is not finite tells nothing. */
  add(loss: number): Turn {
    if (!Number.isFinite(loss)) return "none";
    this.#sum += loss;
    if (++this.#count < this.#blockLength) return "none";
    const mean = this.#sum / this.#count;
    this.#sum = 0;
    this.#count = 0;
    const rise = mean - this.#level;
    const height = Math.max(deviations * this.#deviation, peakShare * (this.#peak - this.#level));
    if (this.#blocks >= settlingBlocks && rise > height) {
      this.#deviation = 0;
      this.#peak = mean;
      this.#blocks = 0;
      return "boundary";
    }
    if (this.#blocks++ === 0) this.#level = mean;
    else {
      this.#level += blockShare * rise;
      this.#deviation += blockShare * (Math.abs(rise) - this.#deviation);
    }
    this.#peak = Math.max(this.#peak, mean);
    return "settled";
  }

  save(): readonly number[] {
    const [block, levels] = [
      [this.#sum, this.#count],
      [this.#level, this.#deviation, this.#peak],
    ];
    return [...block, ...levels, this.#blocks];
  }

  restore([sum, count, level, deviation, peak, blocks]: readonly number[]): void {
    this.#sum = sum as number;
    this.#count = count as number;
    this.#level = level as number;
    this.#deviation = deviation as number;
    this.#peak = peak as number;
    this.#blocks = blocks as number;
  }
}
