import type { Failure } from "../experiments/every-case.js";
import { announce } from "./output.js";
import { tell } from "./troubles.js";

/**
 * Reports which runs of an experiment failed, each at once. Only while nothing has succeeded, runs
 * that fail for the same reason are held back, so that wrong input is reported once.
 */
export class Failures {
  #held: string[] = [];
  #error: unknown;
  #holds = true;
  #count = 0;

  /** To be called with every failure. */
  add({ name, error, runs }: Failure, done: number, total: number): void {
    this.#count += runs;
    if (this.#holds && this.#held.length > 0 && messageOf(error) !== messageOf(this.#error))
      this.release();
    this.#error ??= error;
    const about = `${done}/${total}  ${name} failed: `;
    if (this.#holds) this.#held.push(about);
    else tell(error, about);
  }

  /** To be called where something succeeded. */
  release(): void {
    this.#holds = false;
    for (const about of this.#held) tell(this.#error, about);
    this.#held = [];
  }

  /**
   * To be called at the end.
   * @param succeeded runs that did not fail.
   * @throws what all runs failed for.
   */
  close(succeeded: number): void {
    if (this.#count === 0) return;
    if (this.#held.length > 0) throw this.#error;
    const runs = `${this.#count} of ${this.#count + succeeded} runs failed, see above`;
    announce([succeeded > 0 ? `${runs}; the results below are those of the others` : runs]);
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
