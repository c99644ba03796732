import type { Cells } from "../memory/cells.js";

/**
 * What a stage's late gradients count for while the pipeline empties (ours).
 *
 * While items come, a late step of one stage is answered: the gradients that follow, of its own and of
 * the stages behind it, were computed with weights that hold it. At the end of a stream the stages
 * next to the loss are through first; the others go on by themselves, one late step after the other,
 * and a model that was good may be left far from where it was. So the nth late gradient of a drain
 * counts as 1 / (n + 1) of it, and N of them come to about ln N steps; the first one, which nothing
 * answers either, to half a step. Those that are not late count as ever. Where the optimizer is not
 * plain descent it is the step that counts as 1 / (n + 1): Adam's is much the same for a small
 * gradient as for a large one, and momentum goes on by itself.
 *
 * Threads call every method under one lock.
 */
export class Drain {
  /** 0 while items come; then 1 + the late gradients of the drain so far. */
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
    return state === 0 || staleness === 0 ? 1 : 1 / (state + 1);
  }

  /** Takes in a gradient. */
  count(staleness: number): void {
    if (this.#state[0] !== 0 && staleness > 0) this.#state[0] = (this.#state[0] as number) + 1;
  }
}
