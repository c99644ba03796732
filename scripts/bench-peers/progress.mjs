import { stderr } from "node:process";

/** How far the run is, on standard error: one line that is redrawn on a terminal, else none. */
export class Progress {
  #total;
  #done = 0;
  #began = performance.now();

  /** @param {number} total work of the whole run, in any unit */
  constructor(total) {
    this.#total = total;
  }

  /** @param {string} text what is being done @param {number} work done since the last call */
  advance(text, work) {
    this.#done += work;
    if (!stderr.isTTY) return;
    const seconds = (performance.now() - this.#began) / 1000;
    const left = (seconds * (this.#total - this.#done)) / this.#done;
    const time = this.#done > 0 ? `  about ${Math.ceil(left)} s left` : "";
    const percent = Math.round((100 * this.#done) / this.#total);
    this.clear();
    stderr.write(`${text}  ${percent} %${time}`.slice(0, (stderr.columns ?? 100) - 1));
  }

  clear() {
    if (stderr.isTTY) stderr.write("\r\u001b[K");
  }
}
