import { expected } from "./errors.js";
import type { Service } from "./service.js";

/** Checkpoints of a service so often, one at a time; none where nothing has come since the last. */
export class PeriodicSaves {
  readonly #service: Service;
  readonly #onFailure: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> | null = null;
  #last: string;

  /**
   * @param every milliseconds.
   * @param onFailure told what a checkpoint failed for; the next one is tried in its time.
   */
  constructor(service: Service, every: number, onFailure: (error: unknown) => void) {
    if (!(every >= 1 && every <= 2 ** 31 - 1))
      throw expected("milliseconds from 1 to 2,147,483,647", "every", every);
    this.#service = service;
    this.#onFailure = onFailure;
    this.#last = service.progress;
    this.#timer = setInterval(() => this.#begin(), every);
    this.#timer.unref();
  }

  /** Begins no other one; resolves when the last is on disk. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
  }

  #begin(): void {
    const { progress } = this.#service;
    if (this.#writing || progress === this.#last) return;
    this.#writing = this.#service
      .save()
      .then(
        () => {
          this.#last = progress;
        },
        (error) => this.#onFailure(error),
      )
      .finally(() => {
        this.#writing = null;
      });
  }
}
