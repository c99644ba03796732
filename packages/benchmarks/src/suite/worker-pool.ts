import { type ChildProcess, fork } from "node:child_process";
import type { RunOrder, WorkerReport, WorkerStart } from "./messages.js";

/** What became of a run. */
export type Outcome = Exclude<WorkerReport, { kind: "ready" }>;

interface Worker {
  readonly process: ChildProcess;
  /** The run that it is at, and who waits for it. */
  order: RunOrder | null;
  settle: ((outcome: Outcome) => void) | null;
  /** Whether it has begun at all. */
  isReady: boolean;
  /** The last lines of what it wrote to standard error. */
  last: string;
}

/** Processes that make runs, each one at a time; a process that dies costs its run alone. */
export class WorkerPool {
  readonly #file: string;
  readonly #start: WorkerStart;
  readonly #onLine: (line: string) => void;
  readonly #workers: Worker[] = [];
  #isClosed = false;
  #broken: string | null = null;

  /**
   * @param file of the worker, built.
   * @param onLine called with every line that a worker writes to standard error.
   */
  constructor(file: string, count: number, start: WorkerStart, onLine: (line: string) => void) {
    this.#file = file;
    this.#start = start;
    this.#onLine = onLine;
    for (let index = 0; index < count; index++) this.#add();
  }

  /** Whether one of them has nothing to do. */
  get hasRoom(): boolean {
    return this.#workers.some(({ order }) => order === null);
  }

  /** Why none of them can begin at all; null where they can. */
  get broken(): string | null {
    return this.#broken;
  }

  /** Has a run made by a worker that has nothing to do. */
  run(order: RunOrder): Promise<Outcome> {
    const worker = this.#workers.find((each) => each.order === null);
    if (!worker) throw new Error("Expected a worker that has nothing to do");
    worker.order = order;
    return new Promise((settle) => {
      worker.settle = settle;
      worker.process.send(order);
    });
  }

  /** Ends them all, whatever they are at. */
  close(): void {
    this.#isClosed = true;
    for (const { process } of this.#workers) process.kill("SIGKILL");
  }

  #add(): void {
    const process = fork(this.#file, [JSON.stringify(this.#start)], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const worker: Worker = { process, order: null, settle: null, isReady: false, last: "" };
    this.#workers.push(worker);
    let begun = "";
    process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (begun + text).split("\n");
      begun = lines.pop() as string;
      worker.last = `${worker.last}${text}`.slice(-2_000);
      for (const line of lines) if (line.trim() !== "") this.#onLine(line);
    });
    process.on("message", (report: WorkerReport) => {
      if (report.kind === "ready") worker.isReady = true;
      else this.#settle(worker, report);
    });
    process.on("error", () => {
      // Told by `exit`, or by the run that gets no answer.
    });
    process.on("exit", (code, signal) => {
      this.#workers.splice(this.#workers.indexOf(worker), 1);
      if (this.#isClosed) return;
      const said = worker.last.trim();
      const message =
        signal === null
          ? `its process ended with exit code ${code}${said ? `: ${said}` : ""}`
          : `Expected its process to last but ${signal} ended it, as a system does that runs out of memory; the same ` +
            "command makes it, perhaps with fewer --processes";
      // One that dies before it has begun would die again and again.
      if (worker.isReady) this.#add();
      else this.#broken = message;
      const key = worker.order?.key ?? "";
      this.#settle(worker, { kind: "failed", key, message, isInput: signal !== null });
    });
  }

  #settle(worker: Worker, outcome: Outcome): void {
    const { settle } = worker;
    worker.order = null;
    worker.settle = null;
    settle?.(outcome);
  }
}
