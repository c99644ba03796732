/** How far one of a plan's searches has come; see `PlanRequest.onProgress`. */
export interface SearchProgress {
  /**
   * Share of this search's patience that is used up, 0 to 1; falls back when another search begins.
   */
  readonly used: number;
  /** R of the best plan so far, value per millisecond. */
  readonly rate: number;
  /** No plan within the budget has a larger R than this. */
  readonly bound: number;
}

/** Inner loop steps that a present-day core does in a millisecond, about. */
const stepsPerMillisecond = 15_000;

/**
 * Work done, in steps of the inner loops. Counted rather than timed, so that a search that runs
 * out of patience stops at the same place on every machine.
 */
export class Effort {
  readonly #limit: number;
  #spent = 0;

  /**
   * @param patience milliseconds of a present-day core; without it the search never stops early.
   */
  constructor(patience = Number.POSITIVE_INFINITY) {
    this.#limit = patience * stepsPerMillisecond;
  }

  spend(steps: number): void {
    this.#spent += steps;
  }

  get isExhausted(): boolean {
    return this.#spent >= this.#limit;
  }

  /** Share of the patience that is used up, 0 to 1. */
  get used(): number {
    return Math.min(1, this.#spent / this.#limit);
  }
}
