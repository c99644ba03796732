import { InputError } from "../errors.js";
import { mostDataBytes, quoted } from "../input-file.js";
import type { Table } from "./csv.js";
import { isPlainNumber } from "./delimited.js";
import { eachLine } from "./table-format.js";
import { TableRows } from "./table-rows.js";

/** An index beyond this is damage. */
const mostColumns = 10_000_000;

/** The least and the largest index in a file of libsvm, and its samples. */
export interface LibsvmExtent {
  readonly least: number;
  readonly most: number;
  readonly rows: number;
}

/** Goes over a file of libsvm. @throws InputError as `readLibsvm`. */
export async function libsvmExtent(file: string): Promise<LibsvmExtent> {
  let [least, most, rows] = [1, 0, 0];
  await eachLine(file, (line, at) => {
    const { label, entries } = entriesOf(line, at, file);
    if (label !== null) rows += 1;
    for (const { index } of entries) {
      least = Math.min(least, index);
      most = Math.max(most, index);
    }
  });
  return { least, most, rows };
}

/**
 * Reads a file of libsvm: lines of a label and the features that are not 0, `index:value`, by rising index;
 * what follows a # is passed over.
 *
 * @param extent the first and the last index that there may be, of which the features are all, and the
 *   samples of the file.
 * @throws InputError for other lines, numbers that are none, and more than main memory holds.
 */
export async function readLibsvm(
  file: string,
  { least, most, rows: count }: LibsvmExtent,
): Promise<Table> {
  const columns = most - least + 1;
  if (columns < 1)
    throw new InputError(`Expected features in ${file} but found labels alone; check the file`);
  // Told before it is taken: most of the features are zeros that the file does not have.
  if (4 * columns * count > mostDataBytes())
    throw new InputError(
      `Expected no more than half of the main memory for ${file} but ${count} samples of ${columns} ` +
        "features take more, with the zeros that it leaves out; take a part of it",
    );
  const rows = new TableRows(file, columns, mostDataBytes());
  await eachLine(file, (line, number) => {
    const { label, entries } = entriesOf(line, number, file);
    if (label === null) return;
    const { values, at } = rows.next();
    values.fill(0, at, at + columns);
    for (const { index, value } of entries) values[at + index - least] = value;
    rows.takeLabelled(label, number);
  });
  const read = rows.finish();
  if (read.rows === 0) throw new InputError(`Expected samples in ${file} but it is empty`);
  return {
    file,
    ...read,
    columns,
    fields: Array.from({ length: columns }, (_, column) => column),
    featureNames: null,
    names: null,
    labelColumn: 0,
    isLabelGiven: true,
    dropped: 0,
  };
}

/** Label and features of a line; no label in a blank one. */
function entriesOf(line: string, at: number, file: string) {
  const [label, ...words] = line.replace(/#.*$/, "").trim().split(/\s+/);
  if (label === undefined || label === "") return { label: null, entries: [] };
  if (!isPlainNumber(label)) throw wrong(label, "a label that is a number", at, file);
  let last = -1;
  const entries = words.map((word) => {
    const colon = word.indexOf(":");
    const [name, text] = [word.slice(0, colon), word.slice(colon + 1)];
    const [index, value] = [Number(name), Math.fround(Number(text))];
    if (!/^\d{1,9}$/.test(name) || !isPlainNumber(text) || !Number.isFinite(value))
      throw wrong(word, "index:value", at, file);
    if (index <= last || index > mostColumns) throw wrong(word, "indices that rise", at, file);
    last = index;
    return { index, value };
  });
  return { label, entries };
}

function wrong(found: string, expected: string, at: number, file: string): InputError {
  return new InputError(
    `Expected ${expected} in line ${at} of ${file} as libsvm has it but found ${quoted(found)}; correct or ` +
      "remove that line",
  );
}
