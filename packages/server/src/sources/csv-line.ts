import { expected, InputError } from "../errors.js";
import type { SourceMessage } from "./contract.js";

/** How lines of comma-separated values are read. */
export interface CsvOptions {
  /** Whether the first line names the columns; default no. */
  readonly header?: boolean;
  /**
   * The column of the label: its name, or its number from 1; default the last one. Null: no column
   * is, so all items are predicted only.
   */
  readonly label?: string | number | null;
  /** The column of the id, by name or number; default: the number of the line is the id. */
  readonly id?: string | number;
  /** Default a comma. */
  readonly delimiter?: string;
}

/** Reads one line after the other: all columns but those of label and id are numbers of the sample. */
export class CsvLines {
  readonly #options: CsvOptions;
  readonly #delimiter: string;
  #columns: readonly string[] | null = null;
  #hasHeader: boolean;

  /** @throws InputError for a column's name where no line names columns, and other wrong options. */
  constructor(options: CsvOptions = {}) {
    const { header = false, label, id, delimiter = "," } = options;
    if (typeof delimiter !== "string" || delimiter.length !== 1 || delimiter === '"')
      throw expected("one character, no quotation mark,", "the delimiter", delimiter);
    for (const [name, column] of Object.entries({ label, id })) {
      if (column === undefined || column === null) continue;
      if (typeof column === "string" ? column === "" : !Number.isSafeInteger(column) || column < 1)
        throw expected("a column's name or its number from 1", `the column of the ${name}`, column);
      if (typeof column === "string" && !header)
        throw expected(
          "a column's number from 1, since no line names the columns,",
          `the column of the ${name}`,
          column,
          "say that there is a header",
        );
    }
    this.#options = options;
    this.#delimiter = delimiter;
    this.#hasHeader = header;
  }

  /**
   * @returns null for the line that names the columns.
   * @throws InputError where that has no column of the label or the id.
   */
  read(line: string): SourceMessage<never> | null {
    const texts = this.#split(line);
    if (this.#hasHeader) {
      this.#hasHeader = false;
      if (texts === null)
        throw new InputError(
          "Expected names of columns in the first line but a quotation mark is left open",
        );
      this.#columns = texts;
      for (const column of [this.#options.label, this.#options.id])
        if (column !== undefined && column !== null) this.#place(column, texts.length);
      return null;
    }
    if (texts === null) return { fault: "Expected whole fields but a quotation mark is left open" };
    const width = this.#columns?.length ?? texts.length;
    if (texts.length !== width)
      return {
        fault: `Expected ${width} fields, as the first line has, but found ${texts.length}`,
      };
    const { label, id } = this.#options;
    const labelAt =
      label === null ? -1 : label === undefined ? width - 1 : this.#place(label, width);
    const idAt = id === undefined ? -1 : this.#place(id, width);
    if (labelAt >= width || idAt >= width)
      return { fault: `Expected a field for label and id but the line has only ${width} fields` };
    const values = new Float32Array(width - Number(labelAt >= 0) - Number(idAt >= 0));
    let count = 0;
    for (let at = 0; at < width; at++) {
      if (at === labelAt || at === idAt) continue;
      const value = numberOf(texts[at]!);
      if (Number.isNaN(value))
        return { fault: `Expected a number in column ${at + 1} but found ${shown(texts[at]!)}` };
      values[count++] = value;
    }
    // No label: it may come later.
    const labelText = texts[labelAt] ?? "";
    const y = labelText === "" ? undefined : numberOf(labelText);
    if (Number.isNaN(y))
      return {
        fault: `Expected a class as a number in column ${labelAt + 1} but found ${shown(labelText)}`,
      };
    return { x: values, y, id: idAt < 0 ? undefined : texts[idAt] };
  }

  /** Place of a column, from 0. */
  #place(column: string | number, width: number): number {
    if (typeof column === "string") {
      const at = this.#columns?.indexOf(column) ?? -1;
      if (at >= 0) return at;
      throw expected(`one of the columns ${this.#columns?.join(", ")}`, "a column", column);
    }
    if (this.#columns && column > width)
      throw expected(`a column from 1 to ${width}`, "a column", column);
    return column - 1;
  }

  /** Fields without space and quotation marks around them; null: a mark is left open. */
  #split(line: string): string[] | null {
    if (!line.includes('"')) return line.split(this.#delimiter).map((text) => text.trim());
    const texts: string[] = [];
    for (let at = 0; at <= line.length; at++) {
      while (line[at] === " ") at++;
      let text = "";
      if (line[at] === '"') {
        for (at++; ; at++) {
          if (at >= line.length) return null;
          if (line[at] !== '"') text += line[at];
          else if (line[at + 1] === '"') text += line[at++];
          else break;
        }
      }
      let end = line.indexOf(this.#delimiter, at);
      if (end < 0) end = line.length;
      texts.push(text === "" ? line.slice(at, end).replace(/^"/, "").trim() : text);
      at = end;
    }
    return texts;
  }
}

/** NaN for no number; `Number` would take nothing for 0. */
function numberOf(text: string): number {
  return text === "" ? Number.NaN : Number(text);
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}
