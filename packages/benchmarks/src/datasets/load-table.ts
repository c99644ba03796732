import { readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { InputError } from "../errors.js";
import { quoted } from "../input-file.js";
import type { DataOrigin, Dataset } from "./contract.js";
import { readTable, type Table, type TableOptions } from "./csv.js";
import { sortedClasses } from "./table-classes.js";
import { type HeldOut, tableDataset } from "./table-data.js";

/** How tables become a data set. */
export interface TableLoadOptions extends TableOptions, HeldOut {
  /** Called with a line of what people should know of the data, such as lines left out. */
  readonly onNotice?: (line: string) => void;
}

/** A data set from one CSV file, a part of which is held out. */
export async function loadTable(path: string, options: TableLoadOptions): Promise<Dataset> {
  const table = await readTable(path, options);
  expectFields(table);
  tellDropped(table, options);
  const dataset = tableDataset(basename(resolve(path)), sortedClasses([table]), options, table);
  return { ...dataset, ...featuresOf(table), origin: originOf([table]) };
}

/**
 * A data set from a folder with `train.csv` and `test.csv`, or with one CSV file; null where it has
 * neither.
 */
export async function loadTables(
  folder: string,
  options: TableLoadOptions,
): Promise<Dataset | null> {
  const names = readdirSync(folder).filter((file) => /\.csv(\.gz)?$/.test(file));
  const [train, test] = [splitFile(folder, names, "train"), splitFile(folder, names, "test")];
  if (train === undefined || test === undefined)
    return names.length === 1 ? loadTable(join(folder, names[0] as string), options) : null;
  const tables: [Table, Table] = [await readTable(train, options), await readTable(test, options)];
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
  const found = names.filter((name) => name.replace(/\.gz$/, "") === `${split}.csv`);
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
      "separate fields by comma, semicolon or tab",
  );
}

function tellDropped({ file, rows, dropped }: Table, { onNotice }: TableLoadOptions): void {
  if (dropped === 0) return;
  onNotice?.(
    `${file}: ${dropped} of ${rows + dropped} lines are left out since a value is missing in them`,
  );
}

function featuresOf({ names, labelColumn }: Table): Pick<Dataset, "featureNames"> {
  return names ? { featureNames: names.filter((_, field) => field !== labelColumn - 1) } : {};
}

/** What the record says of tables. */
function originOf(tables: readonly Table[]): DataOrigin {
  const { labelColumn = 0, names = null } = tables[0] ?? {};
  return {
    files: "table",
    labelColumn: names?.[labelColumn - 1] || String(labelColumn),
    header: names !== null,
    dropped: tables.reduce((sum, { dropped }) => sum + dropped, 0),
  };
}
