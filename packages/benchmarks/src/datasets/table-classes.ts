import { InputError } from "../errors.js";
import type { Table } from "./csv.js";

/** More distinct labels than this are taken for a mistake. */
const mostClasses = 1_000;

/** How a table's labels become classes. */
export interface TableClasses {
  readonly names: readonly string[];
  /** Class of each label as written. */
  readonly of: ReadonlyMap<string, number>;
}

/**
 * Classes 0, 1, ... of the labels of some tables: integers in numeric order, other labels in the
 * order of their characters.
 *
 * @throws InputError for fewer than two classes, for more than 1000, and for fractions.
 */
export function sortedClasses(tables: readonly Table[]): TableClasses {
  const labels = [...new Set(tables.flatMap((table) => table.labelNames))];
  const file = tables[0]?.file;
  const numeric = labels.every((label) => Number.isFinite(Number(label)));
  const fraction = numeric ? labels.find((label) => !Number.isInteger(Number(label))) : undefined;
  if (fraction !== undefined)
    throw new InputError(
      `Expected classes in the label column of ${file} but found the fraction ${fraction}; ` +
        "name the column that holds the class",
    );
  const nameOf = (label: string) => (numeric ? String(Number(label)) : label);
  const names = [...new Set(labels.map(nameOf))].sort((left, right) =>
    numeric ? Number(left) - Number(right) : left < right ? -1 : 1,
  );
  if (names.length < 2 || names.length > mostClasses)
    throw new InputError(
      `Expected 2 to ${mostClasses} classes in the label column of ${file} but found ` +
        `${names.length}; name the column that holds the class`,
    );
  return { names, of: new Map(labels.map((label) => [label, names.indexOf(nameOf(label))])) };
}
