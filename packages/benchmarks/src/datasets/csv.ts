import { InputError } from "../errors.js";
import { mostDataBytes, quoted } from "../input-file.js";
import { type HeaderRule, isHeader } from "./column-names.js";
import { DelimitedText, isPlainNumber } from "./delimited.js";
import { expectOneColumn, findLabel, isColumnName, type LabelColumn } from "./label-column.js";
import { expectClosed, expectLines, wrongCount } from "./line-faults.js";
import { isMissing, type MissingRule, missingValue, type Place, placeOf } from "./missing.js";
import { expectText } from "./no-text.js";
import { withBytes } from "./read-file.js";
import { TableRows } from "./table-rows.js";
import { type Categories, fieldsOf, type WordRule } from "./word-columns.js";

export type { LabelColumn } from "./label-column.js";

/** How a table is read; see `readTable`. */
export interface TableOptions {
  /** Default: the last column. */
  readonly label?: LabelColumn | undefined;
  /** Default: auto. */
  readonly header?: HeaderRule | undefined;
  /** Default: error. */
  readonly missing?: MissingRule | undefined;
  /** Default: error. */
  readonly words?: WordRule | undefined;
}

/** A file of numbers, one sample a line, with a label to each. */
export interface Table {
  readonly file: string;
  readonly rows: number;
  /** Feature columns, without the label; a column of words is one for each. */
  readonly columns: number;
  /** Field of the file (from 0) that each feature column is from. */
  readonly fields: readonly number[];
  /** Names of the feature columns; null without a header. */
  readonly featureNames: readonly string[] | null;
  /** Features, row after row. */
  readonly values: Float32Array;
  /** For each row an index into `labelNames`; empty without a label column. */
  readonly labels: Int32Array;
  /** The labels as written, in order of appearance, and the line that has each first. */
  readonly labelNames: readonly string[];
  readonly labelLines: readonly number[];
  /** Names of all columns, the label's with them; null without a header. */
  readonly names: readonly string[] | null;
  /** The label's column, from 1; 0 without. */
  readonly labelColumn: number;
  /** Line of the file that a row is from. */
  lineOf(row: number): number;
  /** Whether the label column was asked for, and is not just the last. */
  readonly isLabelGiven: boolean;
  /** Lines that were left out since a value is missing in them. */
  readonly dropped: number;
  /** Different values of the first feature column where they are integers and at most 32, else null. */
  readonly firstColumnValues: number | null;
}

/**
 * Reads delimited numbers (comma, semicolon, tab or space; plain or gzip), piece by piece: in main memory is
 * what is kept, the features as float32 and a label a row. Whether the first line names the columns is
 * told by all the others, or said by `header`. Lines with missing values (see `isMissing`) are an
 * error, or left out.
 *
 * @param categories columns that hold words, and all of those.
 * @throws InputError for a line with another number of fields, a feature that is no finite number, a
 *   missing value, an unknown label column, more labels than classes can be, no data at all, or more
 *   than main memory holds; it names file, line and column.
 */
export function readTable(
  file: string,
  options: TableOptions = {},
  categories: Categories = new Map(),
): Promise<Table> {
  return withBytes(file, async ({ pieces, isPacked, mostBytes }) => {
    const text = new DelimitedText(file);
    let reader: TableReader | undefined;
    let isFirst = true;
    const readLines = () => {
      if (!reader && text.next()) {
        expectLines(file, text);
        reader = new TableReader(file, text, options, categories);
      }
      if (reader) while (text.next()) reader.readLine();
    };
    for await (const piece of pieces) {
      if (isFirst) expectText(file, piece);
      isFirst = false;
      text.feed(piece);
      readLines();
      // Of a packed file nobody knows how long it is.
      if (!isPacked) reader?.expectBytes(mostBytes);
    }
    text.finish();
    readLines();
    if (!reader)
      throw new InputError(`Expected lines of numbers in ${file} but it is empty; check the file`);
    return reader.finish();
  });
}

/** Gathers the samples of a table, line by line; the first line is kept until all are known. */
class TableReader {
  readonly #first: { line: number; fields: readonly string[] };
  readonly #labelField: number;
  readonly #features: readonly number[];
  /** Field of each feature column. */
  readonly #fields: readonly number[];
  readonly #rows: TableRows;
  readonly #missing: MissingRule;
  readonly #header: HeaderRule;
  #dropped = 0;

  constructor(
    private readonly file: string,
    private readonly text: DelimitedText,
    private readonly options: TableOptions,
    private readonly categories: Categories,
  ) {
    const { label = "last", header = "auto", missing = "error" } = options;
    expectClosed(file, text);
    const fields = Array.from({ length: text.fieldCount }, (_, field) => text.text(field));
    if (isColumnName(label) && header === "no")
      throw new InputError(
        `Expected a column number for --label with --header no but received "${label}"; ` +
          "without names a column has only its number",
      );
    this.#first = { line: text.line, fields };
    this.#labelField = findLabel(file, fields, label);
    this.#features = [...fields.keys()].filter((field) => field !== this.#labelField);
    // A named column can only be looked up in a header, so then the first line must be one.
    this.#header = isColumnName(label) ? "yes" : header;
    this.#missing = missing;
    this.#fields = fieldsOf(this.#features, categories);
    this.#rows = new TableRows(file, this.#fields.length, mostDataBytes());
  }

  /** Makes room once for all the samples that a text of so many bytes seems to have. */
  expectBytes(bytes: number): void {
    if (this.#isExpecting || this.#rows.count === 0) return;
    this.#isExpecting = true;
    this.#rows.reserve(Math.ceil((1.05 * this.#rows.count * bytes) / this.text.bytesRead));
  }
  #isExpecting = false;

  /** Takes the current line as a sample. */
  readLine(): void {
    const { file, text } = this;
    const { fields } = this.#first;
    if (text.openField >= 0) expectClosed(file, text);
    if (text.fieldCount !== fields.length) throw wrongCount(file, text, fields);
    const { values, at } = this.#rows.next();
    if (this.categories.size > 0) {
      if (!this.#readMixed(values, at)) return;
    } else if (!this.#readNumbers(values, at)) return;
    if (this.#labelField < 0) this.#rows.take(text.line);
    else this.#takeLabelled(this.#labelField);
  }

  /** Writes the numbers of the current line; false where it is left out. */
  #readNumbers(values: Float32Array, at: number): boolean {
    const { text } = this;
    for (let column = 0; column < this.#features.length; column++) {
      const field = this.#features[column]!;
      const value = text.number(field);
      values[at + column] = value;
      if (Number.isFinite(values[at + column])) continue;
      if (this.#isDropped(text.text(field), field)) return false;
    }
    return true;
  }

  /** The same where some columns hold words: 1 in the column of the word, 0 in those of the others. */
  #readMixed(values: Float32Array, at: number): boolean {
    const { text } = this;
    let column = at;
    for (const field of this.#features) {
      const words = this.categories.get(field);
      const value = words ? words.indexOf(text.text(field)) : text.number(field);
      const isWrong = words ? value < 0 : !Number.isFinite(Math.fround(value));
      if (isWrong && this.#isDropped(text.text(field), field)) return false;
      if (!words) values[column++] = value;
      else for (const word of words.keys()) values[column++] = word === value ? 1 : 0;
    }
    return true;
  }

  #takeLabelled(field: number): void {
    const { line } = this.text;
    const short = this.text.shortInteger(field);
    const label = short >= 0 ? "" : this.text.text(field);
    if (short >= 0) this.#rows.takeNumbered(short, line);
    else if (!isMissing(label)) this.#rows.takeLabelled(label, line);
    else if (this.#missing === "drop") this.#dropped += 1;
    else throw this.#missingLabel(label, this.#place(field));
  }

  /** Whether the current line is left out for a feature that is no finite number; else it throws. */
  #isDropped(field: string, at: number): boolean {
    const place = this.#place(at);
    if (!isMissing(field))
      throw noNumber(field, place, this.#isCategory(field, at) ? this.#labelFor(at) : null);
    if (this.#missing === "error") throw missingValue(field, "a finite number", place);
    this.#dropped += 1;
    return true;
  }

  /** Whether most of the next lines have words in a column too. Only for a message: lines are lost. */
  #isCategory(field: string, at: number): boolean {
    if (isPlainNumber(field)) return false;
    let words = 0;
    let lines = 0;
    while (lines < 20 && this.text.next()) {
      lines += 1;
      if (at < this.text.fieldCount && !isPlainNumber(this.text.text(at))) words += 1;
    }
    return lines > 0 && 2 * words > lines;
  }

  /** How a column is called for by --label: by its name where the first line has nothing but words. */
  #labelFor(field: number): string {
    const { fields } = this.#first;
    const areNames = this.#header === "yes" || !fields.some(isPlainNumber);
    return areNames && this.#header !== "no" ? quotedName(fields[field]!) : String(field + 1);
  }

  #missingLabel(text: string, place: Place): InputError {
    const error = missingValue(text, "a label", place);
    const { fields } = this.#first;
    const isTrailing = text === "" && place.field === fields.length - 1 && fields.at(-1) === "";
    return isTrailing
      ? new InputError(`${error.message}, or, where all lines end with a delimiter, take those out`)
      : error;
  }

  #place(field: number): Place {
    const { line, fields } = this.#first;
    const isNamed = this.text.line > line && !isPlainNumber(fields[field]!);
    const name = isNamed && this.#header !== "no" ? fields[field] : undefined;
    return { file: this.file, line: this.text.line, field, name };
  }

  /** What was read, once there are no more lines. */
  finish(): Table {
    const { file } = this;
    const { line, fields } = this.#first;
    const header =
      this.#header === "auto"
        ? isHeader({
            file,
            line,
            fields,
            labelField: this.#labelField,
            rows: this.#rows.count,
            otherLabels: new Set(this.#rows.labelNames),
          })
        : this.#header === "yes";
    if (!header) this.#readFirstLine();
    if (this.#rows.count === 0)
      throw new InputError(
        this.#dropped > 0
          ? `Expected samples without missing values in ${file} but all ${this.#dropped} have some; ` +
              "fill them in, or leave out a column that has none"
          : `Expected lines of numbers below the header of ${file} but found none; check the file`,
      );
    const { label = "last" } = this.options;
    if (header) expectOneColumn(file, fields, label, this.#labelField);
    return {
      file,
      ...this.#rows.finish(),
      columns: this.#fields.length,
      fields: this.#fields,
      featureNames: header ? this.#featureNames() : null,
      names: header ? fields : null,
      labelColumn: this.#labelField + 1,
      isLabelGiven: label !== "last" && label !== null,
      dropped: this.#dropped,
    };
  }

  /** Names of the feature columns, such as `colour=blue` of one for a word. */
  #featureNames(): string[] {
    const { fields } = this.#first;
    return this.#features.flatMap((field) => {
      const words = this.categories.get(field);
      return words ? words.map((word) => `${fields[field]}=${word}`) : [fields[field]!];
    });
  }

  /** Puts the sample of the first line in front. */
  #readFirstLine(): void {
    const { line, fields } = this.#first;
    const place = (field: number) => ({ file: this.file, line, field });
    const values: number[] = [];
    for (const field of this.#features) {
      const text = fields[field]!;
      const words = this.categories.get(field);
      if (words?.includes(text)) {
        for (const word of words) values.push(word === text ? 1 : 0);
        continue;
      }
      const value = isPlainNumber(text) ? Math.fround(Number(text)) : Number.NaN;
      if (!Number.isFinite(value)) {
        if (!isMissing(text)) throw noNumber(text, place(field), null);
        if (this.#missing === "error") throw missingValue(text, "a finite number", place(field));
        this.#dropped += 1;
        return;
      }
      values.push(value);
    }
    const label = fields[this.#labelField];
    if (label !== undefined && isMissing(label)) {
      if (this.#missing === "error") throw this.#missingLabel(label, place(this.#labelField));
      this.#dropped += 1;
      return;
    }
    this.#rows.putFirst(values, label, line);
  }
}

function noNumber(text: string, place: Place, label: string | null): InputError {
  const decimalComma = /^[+-]?\d+,\d+$/.test(text);
  const what = `Expected a finite number in ${placeOf(place)} but found ${quoted(text)}`;
  if (label !== null && !decimalComma)
    return new InputError(
      `${what}, as in most lines after it; features are numbers: turn the words of that column into ` +
        "numbers with --words one-hot, a column of 0 and 1 for each, or take the column out; if it " +
        `holds the class, say --label ${label}`,
    );
  return new InputError(
    `${what}; ` +
      (decimalComma ? "write decimals with a point" : "correct or remove that line") +
      (place.line === 1 ? ", or say --header yes where it names the columns" : ""),
  );
}

/** A name as it is typed on a command line. */
function quotedName(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : quoted(name);
}
