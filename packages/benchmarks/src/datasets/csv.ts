import { InputError, nearestName } from "../errors.js";
import { DelimitedText, findDelimiter } from "./delimited.js";
import { readWhole } from "./read-file.js";

/** A file of numbers, one sample a line, with a label to each. */
export interface Table {
  readonly file: string;
  readonly rows: number;
  /** Feature columns, without the label. */
  readonly columns: number;
  /** Features, row after row. */
  readonly values: Float32Array;
  /** For each row an index into `labelNames`; empty without a label column. */
  readonly labels: Int32Array;
  /** The labels as written, in order of appearance, and the line that has each first. */
  readonly labelNames: readonly string[];
  readonly labelLines: readonly number[];
}

/** Where a table's labels are: a column's name or number (from 1), the last column, or nowhere. */
export type LabelColumn = string | number | "last" | null;

/**
 * Reads delimited numbers (comma, semicolon or tab; plain or gzip). The first line is a header when
 * none of its features is a number. Features are kept as float32.
 *
 * @throws InputError for a line with another number of fields, a feature that is no finite number
 *   (missing values, NaN and infinities are refused), an empty label, an unknown label column, or no
 *   data at all; it names file, line and column.
 */
export function readTable(file: string, label: LabelColumn = "last"): Table {
  const bytes = readWhole(file);
  const text = new DelimitedText(bytes, findDelimiter(bytes));
  if (!text.next())
    throw new InputError(`Expected lines of numbers in ${file} but it is empty; check the file`);
  const { fieldCount, labelField, features, header } = layoutOf(file, text, label);
  const values = new Float32Array(countLines(bytes) * features.length);
  const labels: number[] = [];
  const labelLines: number[] = [];
  const known = new Map<string, number>();
  let at = 0;
  let rows = 0;
  for (let more = header ? text.next() : true; more; more = text.next()) {
    if (text.fieldCount !== fieldCount)
      throw new InputError(
        `Expected ${fieldCount} fields in line ${text.line} of ${file} as in its first line but ` +
          `found ${text.fieldCount}; correct or remove that line`,
      );
    for (const field of features) {
      values[at] = text.number(field);
      if (!Number.isFinite(values[at])) throw notNumber(file, text, field);
      at += 1;
    }
    if (labelField >= 0) {
      const name = labelText(file, text, labelField);
      if (!known.has(name)) {
        known.set(name, known.size);
        labelLines.push(text.line);
      }
      labels.push(known.get(name) as number);
    }
    rows += 1;
  }
  if (rows === 0)
    throw new InputError(
      `Expected lines of numbers below the header of ${file} but found none; check the file`,
    );
  return {
    file,
    rows,
    columns: features.length,
    values: values.subarray(0, at),
    labels: Int32Array.from(labels),
    labelNames: [...known.keys()],
    labelLines,
  };
}

/** What the first line tells: which fields are features, which is the label, is it a header. */
function layoutOf(file: string, text: DelimitedText, label: LabelColumn) {
  const fields = Array.from({ length: text.fieldCount }, (_, field) => text.text(field));
  // A named column can only be looked up in a header, so then the first line must be one.
  const named = typeof label === "string" && label !== "last";
  const labelField = named ? findColumn(file, fields, label) : numberedField(file, fields, label);
  const features = [...fields.keys()].filter((field) => field !== labelField);
  const noNumbers = features.every((field) => !looksNumeric(fields[field] as string));
  const header = named || (features.length > 0 && noNumbers);
  return { fieldCount: fields.length, labelField, features, header };
}

function findColumn(file: string, header: readonly string[], label: string): number {
  const found = header.indexOf(label);
  if (found >= 0) return found;
  const nearest = nearestName(label, header);
  throw new InputError(
    `Expected a column named "${label}" in the header of ${file} but its first line is ` +
      `${header.slice(0, 8).join(", ")}${header.length > 8 ? ", ..." : ""}; ` +
      (nearest ? `did you mean "${nearest}"?` : "name one of these, or give the column's number"),
  );
}

function numberedField(file: string, fields: readonly string[], label: number | string | null) {
  if (label === null) return -1;
  const column = label === "last" ? fields.length : Number(label);
  if (Number.isInteger(column) && column >= 1 && column <= fields.length) return column - 1;
  throw new InputError(
    `Expected a label column from 1 to ${fields.length} for ${file} but received ${label}`,
  );
}

/** True of numbers and of what stands for missing ones: such a line is data, if faulty. */
function looksNumeric(field: string): boolean {
  return field === "" || field === "?" || /^[+-]?(nan|na|inf|infinity|null|none)$/i.test(field)
    ? true
    : !Number.isNaN(Number(field));
}

function labelText(file: string, text: DelimitedText, field: number): string {
  const label = text.text(field);
  if (label !== "") return label;
  throw new InputError(
    `Expected a label in line ${text.line}, column ${field + 1} of ${file} but found nothing; fill ` +
      "it in or remove that line",
  );
}

function notNumber(file: string, text: DelimitedText, field: number): InputError {
  return new InputError(
    `Expected a finite number in line ${text.line}, column ${field + 1} of ${file} but found ` +
      `"${text.text(field).slice(0, 40)}"; correct or remove that line`,
  );
}

/** Lines of a text, the last one counted with or without its end. */
function countLines(bytes: Uint8Array): number {
  let count = 1;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}
