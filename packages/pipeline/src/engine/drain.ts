import type { Cells } from "../memory/cells.js";

/**
 * What a stage's gradients count for while the pipeline empties (ours).
 *
 * While items come, a late step of one stage is answered: the gradients that follow, of its own and of
 * the stages behind it, were computed with weights that hold it. At the end of a stream the stages
 * next to the loss are through first; the others go on by themselves, one late step after the other,
 * and a model that was good may be left far from where it was. So the first gradient of a drain is
 * applied as ever, and one that has not seen n others of the drain as 1 / (1 + n) of it:
 *
 * ```
 * drain begins
 *      |  g0   g1   g2   g3   all computed before: 1, 1/2, 1/3, 1/4
 *      |  g0   g1   g2   g3   each computed with what the one before has made: 1, 1, 1, 1
 * ```
 *
 * N of them come to 1 + ln N steps rather than N. What is not late is never held back.
 *
 * Threads call every method under one lock.
 */
export class Drain {
  /** 0 while items come; then 1 + the gradients of the drain so far. */
  readonly #state: Int32Array;

  constructor(cells: Cells) {
    this.#state = cells.ints(1);
  }

  begin(): void {
    if (this.#state[0] === 0) this.#state[0] = 1;
  }

  /** Items come again. */
  end(): void {
    this.#state[0] = 0;
  }

  /** What the next gradient counts for, `staleness` others having been taken in since its weights. */
  shareOf(staleness: number): number {
    const state = this.#state[0] as number;
    return state === 0 ? 1 : 1 / (1 + Math.min(state - 1, staleness));
  }

  /** Counts a gradient that is taken in. */
  count(): void {
    if (this.#state[0] !== 0) this.#state[0] = (this.#state[0] as number) + 1;
  }
}
