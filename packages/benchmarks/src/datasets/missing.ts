import { InputError } from "../errors.js";
import { quoted } from "../input-file.js";

/** What happens to a line with a missing value: it is left out, or an error. */
export type MissingRule = "drop" | "error";
export const missingRules = ["drop", "error"] as const;

/**
 * Whether a field stands for a value that is not there, or for a number that is none. One rule for
 * features and labels: nothing at all, a question mark, and what other tools write, in capitals or
 * not: pandas and R NaN, NA, N/A, null, None and infinities, spreadsheets #N/A, C #IND and #QNAN.
 */
export function isMissing(text: string): boolean {
  return text === "" || text === "?" || missingWord.test(text);
}

const missingWord =
  /^[+-]?(nan|inf|infinity|1\.#(ind|qnan|inf))$|^(na|n\/a|#n\/a|#na|<na>|null|nil|none)$/i;

/** Where a field stands, for messages: line and column, and the column's name where there is one. */
export interface Place {
  readonly file: string;
  readonly line: number;
  /** From 0. */
  readonly field: number;
  readonly name?: string | undefined;
}

export function placeOf({ file, line, field, name }: Place): string {
  return `line ${line}, column ${field + 1}${name ? ` (${quoted(name)})` : ""} of ${file}`;
}

/** What a missing value is refused with. */
export function missingValue(text: string, expected: string, place: Place): InputError {
  return new InputError(
    `Expected ${expected} in ${placeOf(place)} but found ${text === "" ? "nothing" : quoted(text)}, ` +
      "a missing value; fill it in, or leave such lines out with --missing drop",
  );
}
