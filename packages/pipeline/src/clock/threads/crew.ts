import { Worker } from "node:worker_threads";
import { InputError, isInputError } from "../../errors.js";
import type { Halt } from "../../memory/halt.js";
import { taskFields, taskNames } from "./run.js";
import type { SavedAlgorithm, ThreadData, ThreadMessage } from "./thread.js";
import { threadArguments } from "./thread-arguments.js";
import { revive } from "./thread-failure.js";

/** Milliseconds in which a thread ends the work that it is at; longer work is cut off. */
const politeTime = 2_000;
/** The same where the run has failed, so that nobody asks for what the work gives. */
const failedTime = 100;
/** Milliseconds in which the end of a thread is heard of. */
const hearingTime = 1_000;

export interface CrewOptions {
  /** By thread: what it does, as it says itself. */
  readonly tasks: Float64Array;
  /** Given up when a thread fails or dies. */
  readonly halt: Halt;
  /** Called once when a thread fails or dies. */
  readonly onFailure: () => void;
}

/**
 * The threads of a run: started together, watched, and stopped together. Once they work they do not
 * keep the process alive by themselves: whoever waits for them does.
 */
export class Crew {
  /** What ended the run before its time; null while all is well. */
  failure: Error | null = null;
  /** What the thread that composes has sent last. */
  saved: SavedAlgorithm | null = null;
  readonly #options: CrewOptions;
  #threads: readonly Worker[] = [];
  #ending = false;
  #tellFailed: () => void = () => {};

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** Starts one thread for each entry and waits until all are ready. */
  async start(all: readonly ThreadData[]): Promise<void> {
    try {
      await Promise.all(all.map((data) => this.#startOne(data)));
    } catch (error) {
      await this.stop();
      throw error;
    }
    for (const worker of this.#threads) worker.unref();
  }

  /** Gives the event of a thread that has died time to arrive. */
  async hearOfFailure(): Promise<void> {
    if (this.failure || this.#ending) return;
    await new Promise<void>((resolve) => {
      const patience = setTimeout(resolve, hearingTime);
      this.#tellFailed = () => {
        clearTimeout(patience);
        resolve();
      };
    });
  }

  /** Waits until the threads, told to stop, have ended; those that do not are cut off. */
  async stop(): Promise<void> {
    this.#ending = true;
    const threads = this.#threads;
    this.#threads = [];
    await Promise.all(
      threads.map(async (worker) => {
        if (worker.threadId === -1) return;
        const limit = this.failure ? failedTime : politeTime;
        const patience = setTimeout(() => void worker.terminate(), limit);
        await new Promise<void>((resolve) => worker.once("exit", () => resolve()));
        clearTimeout(patience);
      }),
    );
  }

  #startOne(data: ThreadData): Promise<void> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(new URL("./thread.js", import.meta.url), {
        workerData: data,
        execArgv: threadArguments(),
      });
      this.#threads = [...this.#threads, worker];
      let isReady = false;
      const fail = (cause: Error) => {
        const place = isReady ? placeOf(this.#options.tasks, data.index) : "at its start";
        this.#fail(`Thread ${data.index} failed ${place}`, cause);
        reject(this.failure ?? cause);
      };
      worker.on("message", (message: ThreadMessage) => {
        if ("failure" in message) return fail(revive(message.failure));
        if ("saved" in message) {
          this.saved = message.saved;
          return;
        }
        isReady = true;
        resolve();
      });
      worker.on("error", fail);
      worker.on("exit", (code) => {
        if (!this.#ending) fail(new Error(`the thread ended with exit code ${code}`));
      });
    });
  }

  #fail(what: string, cause: Error): void {
    if (this.failure !== null || this.#ending) return;
    const { halt, onFailure } = this.#options;
    const message = `${what}: ${cause.message}`;
    this.failure = isInputError(cause)
      ? new InputError(message, { cause })
      : new Error(message, { cause });
    halt.giveUp();
    this.#tellFailed();
    onFailure();
  }
}

/** Where a thread was: "in the forward pass of item 7, stage 1". */
function placeOf(tasks: Float64Array, index: number): string {
  const [code, item, stage] = tasks.subarray(
    taskFields * index,
    taskFields * (index + 1),
  ) as unknown as [number, number, number];
  if (code === 0) return "while it waited for work";
  return `in ${taskNames[code]} of item ${item}${stage >= 0 ? `, stage ${stage}` : ""}`;
}
