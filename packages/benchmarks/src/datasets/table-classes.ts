import { InputError } from "../errors.js";
import { quoted } from "../input-file.js";
import type { Table } from "./csv.js";
import { isPlainNumber } from "./delimited.js";

/** More distinct labels than this are taken for a mistake. */
const mostClasses = 1_000;

/** So few different values are classes, however few samples there are. */
const surelyClasses = 20;

/** How a table's labels become classes. */
export interface TableClasses {
  readonly names: readonly string[];
  /** Class of each label as written. */
  readonly of: ReadonlyMap<string, number>;
}

/**
 * Classes 0, 1, ... of the labels of some tables: integers in numeric order, other labels in the
 * order of their characters. Integers are one class whatever their form: 1, 01, 1.0; and 1e3 is 1000
 * where no label is a word.
 *
 * @throws InputError for fewer than two classes, for more than 1000, for fractions, and for a last
 *   column that nobody asked for and that looks like anything but classes.
 */
export function sortedClasses(tables: readonly Table[]): TableClasses {
  const labels = [...new Set(tables.flatMap((table) => table.labelNames))];
  const numeric = labels.every(isPlainNumber);
  const nameOf = (label: string) =>
    (numeric ? isPlainNumber(label) : /^[+-]?\d+(\.0*)?$/.test(label))
      ? String(Number(label) + 0)
      : label;
  const names = [...new Set(labels.map(nameOf))].sort((left, right) =>
    numeric ? Number(left) - Number(right) : left < right ? -1 : 1,
  );
  const reason = whyNoClasses(tables, names, numeric);
  if (reason !== null)
    throw new InputError(
      `Expected ${reason.expected} in ${columnOf(tables[0])} but found ${reason.found}; name the ` +
        `column that holds the class with --label NAME or NUMBER`,
    );
  return { names, of: new Map(labels.map((label) => [label, names.indexOf(nameOf(label))])) };
}

/** What speaks against the label column, or null. */
function whyNoClasses(tables: readonly Table[], names: readonly string[], numeric: boolean) {
  const expected = "classes";
  const fraction = numeric ? names.find((name) => !Number.isInteger(Number(name))) : undefined;
  if (fraction !== undefined) return { expected, found: `the fraction ${fraction}` };
  const unsafe = numeric ? names.find((name) => !Number.isSafeInteger(Number(name))) : undefined;
  if (unsafe !== undefined)
    return { expected, found: `${unsafe}, which is beyond exact integers (write it as a word)` };
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const isGiven = tables.every((table) => table.isLabelGiven);
  if (!isGiven && names.length > surelyClasses && 2 * names.length > rows)
    return { expected, found: `${names.length} different values in ${rows} lines` };
  if (names.length < 2 || names.length > mostClasses)
    return { expected: `2 to ${mostClasses} classes`, found: `${names.length}` };
  return isGiven ? null : whyAnotherColumn(tables, names, numeric, rows);
}

/** Column names that mean the class. */
const classWords = /^(labels?|class(es)?|targets?|y)$/i;

/** Whether another column looks more like the class than the last one, which is only the default. */
function whyAnotherColumn(
  tables: readonly Table[],
  names: readonly string[],
  numeric: boolean,
  rows: number,
) {
  const columns = tables[0]?.names?.slice(0, -1) ?? [];
  const last = tables[0]?.names?.at(-1) ?? "";
  const named = columns.find((name) => classWords.test(name));
  if (named !== undefined && !classWords.test(last))
    return {
      expected: "the class in the last column where no other is asked for",
      found: `column ${columns.indexOf(named) + 1} named ${quoted(named)}, and the last named ${quoted(last)}`,
    };
  if (!numeric || names.length <= surelyClasses) return null;
  // Numbers that count from 0 or 1 without a gap are classes, as many as they are.
  const [low, high] = [Number(names[0]), Number(names.at(-1))];
  if ((low === 0 || low === 1) && high - low + 1 === names.length) return null;
  const found = `${names.length} numbers from ${low} to ${high} in ${rows} lines`;
  if (names.length * 10 > rows) return { expected: "classes", found };
  const first = tables.map((table) => table.firstColumnValues);
  if (first.some((count) => count === null || 2 * count > names.length)) return null;
  return { expected: "classes", found: `${found}, while the first column has ${first[0]}` };
}

function columnOf(table: Table | undefined): string {
  const name = table?.names?.[table.labelColumn - 1];
  return `the label column ${table?.labelColumn}${name ? ` (${quoted(name)})` : ""} of ${table?.file}`;
}
