import { InputError } from "../errors.js";
import { quoted } from "../input-file.js";
import { isPlainNumber } from "./delimited.js";
import { isMissing, placeOf } from "./missing.js";

/** Whether the first line of a table holds column names; `auto`: told by the whole file. */
export type HeaderRule = "yes" | "no" | "auto";
export const headerRules = ["yes", "no", "auto"] as const;

/** The first line of a table, and what the lines below it hold. All their features are numbers. */
export interface FirstLine {
  readonly file: string;
  readonly line: number;
  readonly fields: readonly string[];
  /** From 0; -1: no label column. */
  readonly labelField: number;
  /** Samples below it. */
  readonly rows: number;
  /** The labels below it, each once. */
  readonly otherLabels: ReadonlySet<string>;
}

/**
 * Tells column names from a first sample by all the lines below: a column that holds numbers there,
 * and a word in the first line, has a name. Where all names may be numbers, as data frames number their
 * columns, a label that is no other line's decides.
 *
 * @throws InputError where both readings are possible.
 */
export function isHeader(first: FirstLine): boolean {
  const { fields, labelField, rows } = first;
  const features = [...fields.keys()].filter((field) => field !== labelField);
  const isWord = (field: number) => !isMissing(fields[field]!) && !isPlainNumber(fields[field]!);
  const words = features.filter(isWord);
  const numbers = features.filter((field) => isPlainNumber(fields[field]!));
  if (words.length > 0 && numbers.length === 0) return true;
  if (rows === 0) return false;
  const labelNamed = labelField >= 0 && isWord(labelField) && isNameAbove(first);
  if (words.length > 0) {
    if (labelNamed) return true;
    throw mixed(first, words[0]!);
  }
  if (labelNamed && [...first.otherLabels].every(isPlainNumber)) return true;
  if (countsColumns(first)) return labelNamed || readsAsNumberedColumns(first);
  if (isProgression(first) && isNameAbove(first)) throw eitherWay(first);
  return false;
}

/**
 * Whether the first line goes up or down in equal steps, as years or frequencies do that name columns;
 * behind nothing at all, which is what a data frame has above its row numbers.
 */
function isProgression({ fields, labelField }: FirstLine): boolean {
  const counted = fields[0] === "" ? fields.slice(1) : fields;
  if (labelField < 0 || counted.length < 4 || !counted.every(isPlainNumber)) return false;
  const numbers = counted.map(Number);
  const step = (numbers[1] as number) - (numbers[0] as number);
  const isStep = (value: number, at: number) =>
    at === 0 ||
    Math.abs(value - (numbers[at - 1] as number) - step) <= 1e-9 * Math.max(1, Math.abs(value));
  return step !== 0 && numbers.every(isStep);
}

/** Whether the label's field of the first line is no label of the lines below. */
function isNameAbove({ fields, labelField, otherLabels }: FirstLine): boolean {
  return !otherLabels.has(fields[labelField]!);
}

/** Whether the features' fields of the first line count 0, 1, 2, ... or 1, 2, 3, ... */
function countsColumns({ fields, labelField }: FirstLine): boolean {
  const features = [...fields.keys()].filter((field) => field !== labelField);
  const count = (start: number, placeOf: (field: number, at: number) => number) =>
    features.every((field, at) => fields[field] === String(start + placeOf(field, at)));
  return (
    fields.length > 2 &&
    [0, 1].some((start) => count(start, (_, at) => at) || count(start, (field) => field))
  );
}

/** Of a first line that counts: whether it does so with the label, and that is no class below. */
function readsAsNumberedColumns(first: FirstLine): boolean {
  const { fields, labelField, rows } = first;
  if (![0, 1].some((start) => fields.every((field, at) => field === String(start + at))))
    return false;
  const unique = labelField >= 0 && isNameAbove(first);
  if (fields.length > 3 && unique) return true;
  // Three numbers in a row are too easily a sample, unless its label is the only one of its kind.
  if (fields.length === 3 && (rows < 10 || !unique)) return false;
  throw eitherWay(first);
}

function eitherWay({ file, line, fields }: FirstLine): InputError {
  return new InputError(
    `Expected column names or a sample in line ${line} of ${file} but ` +
      `${fields.slice(0, 4).join(", ")}${fields.length > 4 ? ", ..." : ""} can be either; say which ` +
      "with --header yes or --header no",
  );
}

function mixed({ file, line, fields }: FirstLine, field: number): InputError {
  return new InputError(
    `Expected numbers in ${placeOf({ file, line, field })} but found ${quoted(fields[field]!)} beside ` +
      "numbers; correct that line, or say --header yes where it names the columns",
  );
}
