// A child process that answers one JSON line with one JSON line.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** One thread, whatever library computes. */
const oneThread = {
  OMP_NUM_THREADS: "1",
  OPENBLAS_NUM_THREADS: "1",
  BLIS_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
};

export class Peer {
  #child;
  #lines;

  /** @param {string} command @param {string[]} commandArguments @param {Record<string, string>} more environment */
  constructor(command, commandArguments, more = {}) {
    this.#child = spawn(command, commandArguments, {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...oneThread, ...more },
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    // A child that has died shows as the end of its lines, which `#next` reports.
    this.#child.stdin.on("error", () => {});
    this.#child.on("error", (error) => process.stderr.write(`${command}: ${error.message}\n`));
    process.on("exit", () => this.#child.kill());
  }

  /** Waits for its first line; what it calls itself. */
  async ready() {
    return (await this.#next()).ready;
  }

  /**
   * @param {{ model: string, batch: number, repetitions: number }} request
   * @returns {Promise<{ times: number[], parameters: number, operations?: number } | { unavailable: string }>}
   */
  async ask(request) {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    return this.#next();
  }

  end() {
    this.#child.stdin.end();
  }

  async #next() {
    const { value, done } = await this.#lines.next();
    if (done) throw new PeerEnded(`${this.#child.spawnargs.join(" ")} ended; see above`);
    return JSON.parse(value);
  }
}

/** A child ended while an answer was due; it has said why on standard error. */
export class PeerEnded extends Error {}
