/** Samples after which it looks. */
const window = 1000;
/** Share of the samples that may be dropped beyond what the plan expects. */
const unexpected = 0.25;

/**
 * Notices, once, that most of what a stream brings is dropped although its plan expects otherwise:
 * items come faster than they were planned for, such as from a loop that waits for nothing.
 */
export class DropWatch {
  #offered = 0;
  #taken = 0;

  /**
   * @param dropRate share of the items that the plan expects to drop, 0 to 1.
   * @returns a sentence for people where it is time for it; else null.
   */
  add(offered: number, taken: number, dropRate: number): string | null {
    if (this.#offered >= window) return null;
    this.#offered += offered;
    this.#taken += taken;
    if (this.#offered < window) return null;
    const dropped = this.#offered - this.#taken;
    const share = dropped / this.#offered;
    if (share < 0.5 || share < dropRate + unexpected) return null;
    return (
      `${dropped} of the first ${this.#offered} samples to learn were dropped, since they came while ` +
      `all workers were busy; the plan expected ${(100 * dropRate).toFixed(0)} %: let them come ` +
      'further apart, tell arrivalInterval, or pass whenBusy: "wait"'
    );
  }
}
