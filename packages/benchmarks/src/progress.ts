import { stderr } from "node:process";
import { printable } from "./printable.js";

/**
 * One line on standard error that shows how far something is; silent if that is not a terminal.
 * Redrawn at most ten times a second.
 */
export class ProgressLine {
  readonly #label: string;
  readonly #total: number;
  readonly #unit: string;
  readonly #shown: boolean;
  readonly #began = performance.now();
  #drawn = 0;

  constructor(label: string, total: number, unit = "items", shown = stderr.isTTY === true) {
    this.#label = printable(label);
    this.#total = total;
    this.#unit = unit;
    this.#shown = shown;
  }

  /** @param note what else there is to tell. */
  update(done: number, note = ""): void {
    if (!this.#shown) return;
    const now = performance.now();
    if (now - this.#drawn < 100 && done < this.#total) return;
    this.#drawn = now;
    const rate = done / Math.max((now - this.#began) / 1000, 1e-9);
    const left = formatDuration((this.#total - done) / Math.max(rate, 1e-9));
    const pace = rate >= 10 ? `  ${rate.toFixed(0)} ${this.#unit}/s` : "";
    const line =
      `${this.#label}  ${done}/${this.#total} ${this.#unit}${pace}  ${note}  ${left} left`.replace(
        / {2,}/g,
        "  ",
      );
    stderr.write(`\r\u001b[K${line.slice(0, (stderr.columns ?? 100) - 1)}`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#shown) stderr.write("\r\u001b[K");
  }
}

/**
 * How much longer something will take, at its pace so far: `, 3 min 20 s left`; nothing at its end.
 * @param began by `performance.now()`.
 */
export function timeLeft(began: number, done: number, total: number): string {
  const seconds = (performance.now() - began) / 1000;
  return done < total ? `, ${formatDuration((seconds * (total - done)) / done)} left` : "";
}

/** `45 s`, `3 min 20 s`. */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
