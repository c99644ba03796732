import { InputError } from "../errors.js";
import { readArff } from "./arff.js";
import { findCategories } from "./categories.js";
import { readTable, type Table, type TableOptions } from "./csv.js";
import { type LibsvmExtent, libsvmExtent, readLibsvm } from "./libsvm.js";
import { type TableFormat, tableFormat } from "./table-format.js";

/**
 * Reads tables that belong together, such as those of two splits, with the same columns: delimited text,
 * ARFF or libsvm, whichever they turn out to be.
 *
 * @throws InputError as the readers do, for files of different formats, and for options that a format does
 *   not take.
 */
export async function readTables(
  files: readonly string[],
  options: TableOptions,
): Promise<Table[]> {
  const formats: TableFormat[] = [];
  for (const file of files) formats.push(await tableFormat(file));
  const [format = "delimited"] = formats;
  const other = formats.findIndex((each) => each !== format);
  if (other >= 0)
    throw new InputError(
      `Expected one format for ${files.join(" and ")} but found ${format} and ${formats[other]}; write ` +
        "them alike",
    );
  const tables: Table[] = [];
  if (format === "arff") {
    refuse(options, ["header", "words"], "an ARFF file", files);
    for (const file of files) tables.push(await readArff(file, options));
  } else if (format === "libsvm") {
    refuse(options, ["label", "header", "missing", "words"], "a file of libsvm", files);
    const extents: LibsvmExtent[] = [];
    for (const file of files) extents.push(await libsvmExtent(file));
    const least = Math.min(...extents.map((extent) => extent.least));
    const most = Math.max(...extents.map((extent) => extent.most));
    for (const [at, file] of files.entries()) {
      const { rows } = extents[at] as LibsvmExtent;
      tables.push(await readLibsvm(file, { least, most, rows }));
    }
  } else if (options.words === "one-hot") {
    const { categories, headers } = await findCategories(files, options);
    for (const [at, file] of files.entries())
      tables.push(await readTable(file, { ...options, header: headers[at] }, categories));
  } else for (const file of files) tables.push(await readTable(file, options));
  return tables;
}

/** @throws InputError for options that a format takes no notice of. */
function refuse(
  options: TableOptions,
  keys: readonly (keyof TableOptions)[],
  what: string,
  files: readonly string[],
): void {
  const given = keys.find((key) => options[key] !== undefined);
  if (given === undefined) return;
  throw new InputError(
    `Expected a CSV file for --dataset with --${given} but received ${files[0]}, which is ${what}; leave ` +
      "the option out",
  );
}
