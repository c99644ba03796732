import { readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { InputError } from "../errors.js";
import { quoted } from "../input-file.js";
import type { DataOrigin, Dataset } from "./contract.js";
import type { Table, TableOptions } from "./csv.js";
import { readTables } from "./read-tables.js";
import { sortedClasses } from "./table-classes.js";
import { type HeldOut, tableDataset } from "./table-data.js";

/** How tables become a data set. */
export interface TableLoadOptions extends TableOptions, HeldOut {
  /** Called with a line of what people should know of the data, such as lines left out. */
  readonly onNotice?: (line: string) => void;
}

/** A data set from one table, see `readTables`, a part of which is held out. */
export async function loadTable(path: string, options: TableLoadOptions): Promise<Dataset> {
  const table = (await readTables([path], options))[0] as Table;
  expectFields(table);
  tellDropped(table, options);
  const dataset = tableDataset(basename(resolve(path)), sortedClasses([table]), options, table);
  return { ...dataset, ...featuresOf(table), origin: originOf([table]) };
}

/** Names of tables, packed or not. */
const tableName = /\.(csv|tsv|arff|libsvm|svm)(\.gz)?$/;

/** Whether a file's name says that it is a table. */
export function isTableName(name: string): boolean {
  return tableName.test(name);
}

/**
 * A data set from a folder with `train.csv` and `test.csv`, or with one CSV file (or files of another format
 * of tables); null where it has neither.
 */
export async function loadTables(
  folder: string,
  options: TableLoadOptions,
): Promise<Dataset | null> {
  const names = readdirSync(folder).filter(isTableName);
  const [train, test] = [splitFile(folder, names, "train"), splitFile(folder, names, "test")];
  if (train === undefined || test === undefined)
    return names.length === 1 ? loadTable(join(folder, names[0] as string), options) : null;
  const tables = (await readTables([train, test], options)) as [Table, Table];
  expectSameColumns(...tables);
  for (const table of tables) {
    expectFields(table);
    tellDropped(table, options);
  }
  const name = basename(resolve(folder));
  const dataset = tableDataset(name, sortedClasses(tables), options, ...tables);
  return { ...dataset, ...featuresOf(tables[0]), origin: originOf(tables) };
}

/** The file of a split, packed or not; both would leave open which. */
function splitFile(folder: string, names: readonly string[], split: string): string | undefined {
  const found = names.filter((name) => name.replace(tableName, "") === split);
  if (found.length > 1)
    throw new InputError(
      `Expected one file for the split ${split} in ${folder} but found ${found.join(" and ")}; ` +
        "remove one of them",
    );
  return found[0] && join(folder, found[0]);
}

/** Columns of another order would be read as if they were the same. */
function expectSameColumns(train: Table, test: Table): void {
  const different = train.names?.findIndex((name, at) => name !== test.names?.[at]) ?? -1;
  if (test.names === null || different < 0) return;
  throw new InputError(
    `Expected column ${different + 1} to be named ${quoted(train.names?.[different] ?? "")} in ` +
      `${test.file} as in ${train.file} but it is ${quoted(test.names[different] ?? "")}; give both ` +
      "files the same columns in the same order",
  );
}

function expectFields({ file, columns }: Table): void {
  if (columns > 0) return;
  throw new InputError(
    `Expected at least one feature column beside the label in ${file} but found one field a line; ` +
      "separate fields by comma, semicolon, tab or space",
  );
}

function tellDropped({ file, rows, dropped }: Table, { onNotice }: TableLoadOptions): void {
  if (dropped === 0) return;
  onNotice?.(
    `${file}: ${dropped} of ${rows + dropped} lines are left out since a value is missing in them`,
  );
}

function featuresOf({ featureNames }: Table): Pick<Dataset, "featureNames"> {
  return featureNames ? { featureNames } : {};
}

/** What the record says of tables. */
function originOf(tables: readonly Table[]): DataOrigin {
  const { labelColumn = 0, names = null } = tables[0] ?? {};
  return {
    files: "table",
    // Of libsvm the label has no column of its own.
    labelColumn: names?.[labelColumn - 1] || (labelColumn > 0 ? String(labelColumn) : "label"),
    header: names !== null,
    dropped: tables.reduce((sum, { dropped }) => sum + dropped, 0),
  };
}
