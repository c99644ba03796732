import { InputError, nearestName } from "../errors.js";
import { quoted } from "../input-file.js";

/**
 * Where a table's labels are: a column's name or number (from 1), the last column, or nowhere. A text
 * of digits is a number, but refused where it is another column's name; `#4` is always a number.
 */
export type LabelColumn = string | number | "last" | null;

/** Whether a label column is asked for by a name, so that the first line must hold names. */
export function isColumnName(label: LabelColumn): boolean {
  return typeof label === "string" && label !== "last" && !/^#?\d+$/.test(label);
}

/**
 * The field (from 0) of the label column; -1 for none.
 * @param names fields of the first line.
 * @throws InputError for a column that is not there.
 */
export function findLabel(file: string, names: readonly string[], label: LabelColumn): number {
  if (label === null) return -1;
  if (label === "last") return names.length - 1;
  if (isColumnName(label)) return findName(file, names, label as string);
  const number = Number(String(label).replace("#", ""));
  if (Number.isInteger(number) && number >= 1 && number <= names.length) return number - 1;
  throw new InputError(
    `Expected a label column from 1 to ${names.length} for ${file} but received ${label}; ` +
      "give the column's number, or its name in the first line",
  );
}

/** Refuses a number that is also the name of another column. @throws InputError */
export function expectOneColumn(
  file: string,
  names: readonly string[],
  label: LabelColumn,
  field: number,
): void {
  const named = typeof label === "string" && /^\d+$/.test(label) ? names.indexOf(label) : -1;
  if (named < 0 || named === field) return;
  throw new InputError(
    `Expected one column for --label ${label} in ${file} but both column ${field + 1} and the one ` +
      `named "${label}", column ${named + 1}, could be meant; say --label "#${field + 1}" or ` +
      `"#${named + 1}"`,
  );
}

function findName(file: string, header: readonly string[], label: string): number {
  const found = header.indexOf(label);
  if (found >= 0 && header.indexOf(label, found + 1) >= 0)
    throw new InputError(
      `Expected one column named "${label}" in the header of ${file} but it has several; give the ` +
        "column's number for --label",
    );
  if (found >= 0) return found;
  const nearest = nearestName(label, header);
  throw new InputError(
    `Expected a column named "${label}" in the header of ${file} but its first line is ` +
      `${header.slice(0, 8).map(plain).join(", ")}${header.length > 8 ? ", ..." : ""}; ` +
      (nearest ? `did you mean "${nearest}"?` : "name one of these, or give the column's number"),
  );
}

const plain = (name: string) => quoted(name).slice(1, -1);
