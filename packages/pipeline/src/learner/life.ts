import { InputError } from "../errors.js";

/**
 * Whether a learner still works: one that has failed or was disposed of says so instead of
 * computing with what is half done or released.
 */
export class Life {
  #failure: unknown = null;
  #isDisposed = false;

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  get hasFailed(): boolean {
    return this.#failure !== null;
  }

  /** @throws InputError if the learner has ended; `call` is what was asked of it. */
  expect(call: string): void {
    if (this.#isDisposed)
      throw new InputError(
        `Expected no ${call} after dispose but the learner has released its buffers; ` +
          "start another one",
      );
    if (this.#failure === null) return;
    const { message } = this.#failure as Error;
    throw new InputError(
      `Expected no ${call} after a failure but the learner ended with "${message ?? this.#failure}"; ` +
        "start another one",
      { cause: this.#failure },
    );
  }

  /** Does something that leaves the learner unusable if it throws. */
  attempt<Result>(call: string, work: () => Result): Result {
    this.expect(call);
    try {
      return work();
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  fail(cause: unknown): void {
    this.#failure ??= cause ?? new Error("no reason was given");
  }

  /** False where it was disposed of before. */
  dispose(): boolean {
    const isFirst = !this.#isDisposed;
    this.#isDisposed = true;
    return isFirst;
  }
}
