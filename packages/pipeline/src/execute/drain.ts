import type { Cells } from "../memory/cells.js";

/** How much less care a pause takes than an end. */
const carePerPause = 1 / 10;

/**
 * How a stage's late gradients are weighted while the pipeline empties (ours).
 *
 * While items come, a late step of one stage is corrected: the gradients that follow, of this stage
 * and of later ones, were computed with weights that include it. At the end of a stream the stages
 * next to the loss finish first; the others continue by themselves, one late step after the other,
 * and a model that was good may end up far from where it was. So the nth late gradient of a drain
 * is weighted by 1 / (n + 1), and N of them add up to about ln N steps; the first one, which
 * nothing corrects either, to half a step. Gradients that are not late count fully. If the
 * optimizer is not plain descent, the step is weighted by 1 / (n + 1) instead: Adam's is much the
 * same for a small gradient as for a large one, and momentum continues by itself.
 *
 * For a checkpoint items come again at once, and their gradients correct what the drain has left. So the
 * nth late gradient counts as 1 / (n / 10 + 1) there: with a checkpoint every 100 items of an MLP, the
 * full care cost .2 to .7 points of online accuracy, and no care cost a convolutional net some at a high
 * rate.
 *
 * Threads call every method under one lock.
 */
export class Drain {
  /**
   * 0 while items come, then 1 + the late gradients of the drain so far; and whether items come again
   * at once.
   */
  readonly #state: Int32Array;

  constructor(cells: Cells) {
    this.#state = cells.ints(2);
  }

  /** @param isPause whether items come again as soon as nothing is in flight. */
  begin(isPause = false): void {
    if (this.#state[0] !== 0) return;
    this.#state[0] = 1;
    this.#state[1] = isPause ? 1 : 0;
  }

  /** Items come again. */
  end(): void {
    this.#state.fill(0);
  }

  /** The weight of the next gradient, with `staleness` others taken in since its weights. */
  shareOf(staleness: number): number {
    const state = this.#state[0] as number;
    return state === 0 || staleness === 0
      ? 1
      : 1 / (state * (this.#state[1] ? carePerPause : 1) + 1);
  }

  /** Takes in a gradient. */
  count(staleness: number): void {
    if (this.#state[0] !== 0 && staleness > 0) this.#state[0] = (this.#state[0] as number) + 1;
  }
}
