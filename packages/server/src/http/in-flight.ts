import type { ServerResponse } from "node:http";

/** Answers that are under way. */
export class InFlight {
  #count = 0;
  #settle: (() => void) | undefined;

  begin(response: ServerResponse): void {
    this.#count++;
    response.once("close", () => {
      this.#count--;
      if (this.#count === 0) this.#settle?.();
    });
  }

  /** @returns whether all are done within so many milliseconds. */
  async settled(time: number): Promise<boolean> {
    if (this.#count === 0) return true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), time);
      this.#settle = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
