/** Calls that have been made and not answered: a bounded number. */
export class Calls {
  readonly #most: number;
  #open = 0;
  #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  get hasRoom(): boolean {
    return this.#open < this.#most;
  }

  /** @param onFailure told at once, so that no failure goes unheard. */
  add(call: Promise<unknown>, onFailure: (error: unknown) => void): void {
    this.#open++;
    const end = () => {
      this.#open--;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const wake of waiting) wake();
    };
    call.then(end, (error: unknown) => {
      onFailure(error);
      end();
    });
  }

  /** When there is room for one more. */
  async room(): Promise<void> {
    while (!this.hasRoom) await this.#next();
  }

  /** When all have been answered. */
  async answered(): Promise<void> {
    while (this.#open > 0) await this.#next();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
