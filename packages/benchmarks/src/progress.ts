import { stderr } from "node:process";

/**
 * One line on standard error that tells how far a run is; silent where that is not a terminal.
 * Redrawn at most ten times a second.
 */
export class ProgressLine {
  readonly #label: string;
  readonly #total: number;
  readonly #shown: boolean;
  readonly #began = performance.now();
  #drawn = 0;

  constructor(label: string, total: number, shown = stderr.isTTY === true) {
    this.#label = label;
    this.#total = total;
    this.#shown = shown;
  }

  /** @param accuracy percentage points so far. */
  update(done: number, accuracy: number): void {
    if (!this.#shown) return;
    const now = performance.now();
    if (now - this.#drawn < 100 && done < this.#total) return;
    this.#drawn = now;
    const rate = done / Math.max((now - this.#began) / 1000, 1e-9);
    const left = formatSeconds((this.#total - done) / Math.max(rate, 1e-9));
    const line =
      `${this.#label}  ${done}/${this.#total} items  ${rate.toFixed(0)} items/s  ` +
      `online accuracy ${accuracy.toFixed(1)} %  ${left} left`;
    stderr.write(`\r\u001b[K${line.slice(0, (stderr.columns ?? 100) - 1)}`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#shown) stderr.write("\r\u001b[K");
  }
}

function formatSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
