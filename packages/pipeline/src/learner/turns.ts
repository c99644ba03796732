/** Takes one call after the other, in the order in which they were made. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Does it when those before have ended, however they did. */
  take<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** When all that has been asked so far has ended, however it did. */
  async settled(): Promise<void> {
    await this.#last;
  }
}
