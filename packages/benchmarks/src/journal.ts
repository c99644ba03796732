import { closeSync, fstatSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { InputError } from "./errors.js";
import { parseJson, readText } from "./input-file.js";

/** What a file of lines holds, and what of it is damaged. */
export interface JournalEntries<Value> {
  readonly values: readonly Value[];
  /** One sentence a line that could not be read; it stays in the file. */
  readonly damaged: readonly string[];
}

/**
 * A file of one JSON line an entry that only grows: several programs may append to it at once, and
 * what one of them left half written is neither lost nor hurts what follows.
 */
export class Journal<Value> {
  readonly path: string;
  readonly #parse: (value: unknown) => Value;
  /** Lines that could not be written so far. */
  #waiting: string[] = [];

  /** @param parse what a line says; throws an error that says why where it is no entry. */
  constructor(path: string, parse: (value: unknown) => Value) {
    this.path = path;
    this.#parse = parse;
  }

  /** Entries that could not be written so far; the next `append` or `retry` tries them again. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Writes an entry after the others.
   * @throws InputError where it cannot be written; it then waits.
   */
  append(value: Value): void {
    this.#waiting.push(JSON.stringify(value));
    this.retry();
  }

  /** Writes what waits. */
  retry(): void {
    while (this.#waiting.length > 0) {
      appendLine(this.path, this.#waiting[0] as string);
      this.#waiting.shift();
    }
  }

  /** Bytes of the file, by which one can see that it grew; 0 where there is none. */
  get size(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Everything that can be read; nothing where there is no file. */
  read(): JournalEntries<Value> {
    if (this.size === 0) return { values: [], damaged: [] };
    const values: Value[] = [];
    const damaged: string[] = [];
    readText(this.path, "results")
      .split("\n")
      .forEach((line, index) => {
        if (line.trim() === "") return;
        try {
          values.push(this.#parse(parseJson(line)));
        } catch (error) {
          damaged.push(
            `line ${index + 1} of ${this.path} is damaged (${(error as Error).message}); ` +
              "it stays in the file, but is left out of what is shown",
          );
        }
      });
    return { values, damaged };
  }
}

/**
 * One call of the system appends a line as a whole, so that lines of several programs do not mix.
 * A line that was left half written before, by a disk that was full, is ended first.
 */
function appendLine(path: string, line: string): void {
  try {
    const file = openSync(path, "a+");
    try {
      const text = Buffer.from(`${endsInMidLine(file) ? "\n" : ""}${line}\n`);
      let written = writeSync(file, text);
      // A disk that has become full takes a part; the next call tells why.
      while (written < text.length) written += writeSync(file, text, written);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new InputError(
      `Expected to be able to write ${path} but got ${(error as NodeJS.ErrnoException).code}; ` +
        "make room there or choose another folder",
    );
  }
}

function endsInMidLine(file: number): boolean {
  const { size } = fstatSync(file);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last.toString() !== "\n";
}
