import { Worker } from "node:worker_threads";
import { taskFields, taskNames } from "./run.js";
import type { ThreadData, ThreadMessage } from "./thread.js";

/** The threads of a run: started together, watched, and stopped together. */
export class Crew {
  /** What ended the run before its time; null while all is well. */
  failure: Error | null = null;
  readonly #tasks: Float64Array;
  readonly #onFailure: () => void;
  #tasksers: readonly Worker[] = [];
  #ending = false;

  /**
   * @param tasks by thread: what it does, as it says itself.
   * @param onFailure called once when a thread fails or dies.
   */
  constructor(tasks: Float64Array, onFailure: () => void) {
    this.#tasks = tasks;
    this.#onFailure = onFailure;
  }

  /** Starts one thread for each entry and waits until all are ready. */
  async start(all: readonly ThreadData[]): Promise<void> {
    const ready = all.map(
      (data) =>
        new Promise<Worker>((resolve, reject) => {
          const worker = new Worker(new URL("./thread.js", import.meta.url), { workerData: data });
          const fail = (cause: Error) => {
            this.#fail(data.index, cause);
            reject(this.failure as Error);
          };
          worker.on("message", (message: ThreadMessage) => {
            if ("ready" in message) resolve(worker);
            else fail(message.error);
          });
          worker.on("error", fail);
          worker.on("exit", (code) => {
            if (!this.#ending) fail(new Error(`the thread ended with exit code ${code}`));
          });
          this.#tasksers = [...this.#tasksers, worker];
        }),
    );
    try {
      await Promise.all(ready);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Waits until the threads, told to stop, have ended; those that do not are cut off. */
  async stop(milliseconds = 10_000): Promise<void> {
    this.#ending = true;
    await Promise.all(
      this.#tasksers.map(async (worker) => {
        const patience = setTimeout(() => void worker.terminate(), milliseconds);
        if (worker.threadId !== -1)
          await new Promise<void>((resolve) => worker.once("exit", () => resolve()));
        clearTimeout(patience);
      }),
    );
    this.#tasksers = [];
  }

  #fail(index: number, cause: Error): void {
    if (this.failure !== null || this.#ending) return;
    const [code, item, stage] = this.#tasks.subarray(
      taskFields * index,
      taskFields * (index + 1),
    ) as unknown as [number, number, number];
    const place = stage >= 0 ? ` at stage ${stage}` : "";
    const work = code === 0 ? "it" : `${taskNames[code]} of item ${item}${place}`;
    this.failure = new Error(
      `Expected thread ${index} to go on but ${work} failed: ${cause.message}`,
      { cause },
    );
    this.#onFailure();
  }
}
