/** Items whose mean loss is compared with that of as many before. */
const blockLength = 20;

/**
 * A loss has fallen when below this share of its peak, and is flat when above that of the last
 * block.
 */
const fallen = 0.5;
const flat = 0.8;

/**
 * Finds plateaus of a loss after each fall, on means over blocks of 20 items: one that is below half
 * of the highest since the last plateau, and not far below the one before. A change of the data
 * makes the loss rise, and so arms it again. Needs no scale of the loss. (Aljundi et al. 2019
 * compare mean and variance of a window with thresholds that have to be chosen for each model.)
 */
export class Plateau {
  #sum = 0;
  #count = 0;
  #before = Number.POSITIVE_INFINITY;
  #peak = 0;

  /** Takes in the next loss; returns true if a plateau has just been reached. */
  add(loss: number): boolean {
    this.#sum += loss;
    if (++this.#count < blockLength) return false;
    const mean = this.#sum / blockLength;
    const reached = mean < fallen * this.#peak && mean > flat * this.#before;
    this.#peak = reached ? mean : Math.max(this.#peak, mean);
    this.#before = mean;
    this.#sum = 0;
    this.#count = 0;
    return reached;
  }

  save(): readonly number[] {
    return [this.#sum, this.#count, this.#before, this.#peak];
  }

  restore([sum, count, before, peak]: readonly number[]): void {
    this.#sum = sum as number;
    this.#count = count as number;
    this.#before = before as number;
    this.#peak = peak as number;
  }
}
