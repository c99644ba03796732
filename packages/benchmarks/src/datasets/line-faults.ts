import { InputError } from "../errors.js";

/** The line at which a `DelimitedText` stands, as far as faults are told from it. */
interface Line {
  readonly line: number;
  readonly fieldCount: number;
  readonly hasBareReturn: boolean;
  /** The field that a quotation mark opens and nothing closes; -1: none. */
  readonly openField: number;
  text(field: number): string;
}

/**
 * Refuses what the first line shows: line ends of old Macs, which leave one line in all, and a comment.
 * @throws InputError
 */
export function expectLines(file: string, text: Line): void {
  if (text.hasBareReturn) throw bareReturns(file);
  if (!text.text(0).startsWith("#")) return;
  const isComment = text.fieldCount === 1 || /^#+(\s|$)/.test(text.text(0));
  if (isComment)
    throw new InputError(
      `Expected a sample or the names of the columns in line ${text.line} of ${file} but it begins ` +
        'with "#", as comments do; take such lines out',
    );
}

/** What line ends without a line feed are refused with. */
export function bareReturns(file: string): InputError {
  return new InputError(
    `Expected lines that end by a line feed in ${file} but found carriage returns alone, as old ` +
      "programs wrote them; save it with Unix or Windows line ends",
  );
}

/** @throws InputError where a quotation mark of the current line is not closed. */
export function expectClosed(file: string, { line, openField }: Line): void {
  if (openField < 0) return;
  throw new InputError(
    `Expected quotation marks in pairs in line ${line}, column ${openField + 1} of ${file} but a ` +
      "quotation mark is not closed; close or remove it (a field ends with its line)",
  );
}

/** What a line with another number of fields than the first is refused with. */
export function wrongCount(file: string, text: Line, first: readonly string[]): InputError {
  const { line, fieldCount } = text;
  const isTrailingFirst = fieldCount === first.length - 1 && first.at(-1) === "";
  const isTrailing = fieldCount === first.length + 1 && text.text(fieldCount - 1) === "";
  return new InputError(
    `Expected ${first.length} fields in line ${line} of ${file} as in its first line but found ` +
      `${fieldCount}; ` +
      (isTrailing
        ? "take the delimiter at the end of the line out"
        : isTrailingFirst
          ? "take the delimiter at the end of the first line out"
          : text.text(0).startsWith("#")
            ? 'it begins with "#", as comments do: take such lines out'
            : "correct or remove that line"),
  );
}
