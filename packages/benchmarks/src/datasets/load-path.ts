import { readdirSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { InputError } from "../errors.js";
import type { Dataset } from "./contract.js";
import { holdsImages, loadImageFolder, loadParquet, parquetFiles } from "./load-images.js";
import { readSource, sourceIn } from "./load-source.js";
import { isTableName, loadTable, loadTables } from "./load-table.js";
import { loadNpz } from "./npz.js";
import { type ReadOptions, refuseOptions } from "./read-options.js";
import { findFiles, type SourceRequest } from "./source.js";
import { readTree } from "./tree.js";
import { trees } from "./trees.js";

/** How what lies at a path is read. */
export interface PathOptions extends ReadOptions, SourceRequest {
  readonly onNotice?: (line: string) => void;
}

/**
 * A data set from a path: a table (CSV, ARFF, libsvm), a Parquet file, an .npz file; or a folder with the files of a known
 * data set, with `train.csv` and `test.csv`, one CSV file, Parquet files by split, or images in folders, one a class.
 *
 * @param known names of data sets, for messages.
 */
export async function loadPath(
  path: string,
  options: PathOptions,
  known: readonly string[],
): Promise<Dataset> {
  if (!statSync(path).isDirectory()) return loadFile(path, options);
  const source = await sourceIn(path);
  if (source) {
    refuseOptions([], options, { what: "known files", name: source.name });
    return readSource(source, findFiles(source, path) as string[][], options);
  }
  const tree = trees.find(({ holds }) => holds(path));
  if (tree) {
    refuseOptions(["imageSize"], options, { what: "known image files", name: tree.name });
    return readTree(tree, path, options);
  }
  const parquet = parquetFiles(path);
  if (parquet) return loadParquet(basename(resolve(path)), parquet, imageOptions(options, path));
  const dataset = await loadTables(path, options);
  if (dataset) {
    refuseOptions(tableOptions, options, { what: "a table", name: path });
    return dataset;
  }
  if (holdsImages(path)) {
    refuseOptions(["imageSize"], options, { what: "a folder of images", name: path });
    return loadImageFolder(path, { ...options, label: undefined });
  }
  throw new InputError(
    `Expected train.csv and test.csv, one csv file, Parquet files, images in a folder for each class, ` +
      `or the files of ${known.join(", ")} in the folder ${path} but found ${found(path)}; ` +
      "name a file instead",
  );
}

async function loadFile(path: string, options: PathOptions): Promise<Dataset> {
  if (path.endsWith(".parquet")) {
    const files = { train: [path], test: [] };
    return loadParquet(basename(resolve(path)), files, imageOptions(options, path));
  }
  if (path.endsWith(".npz")) {
    refuseOptions([], options, { what: "an .npz file", name: path });
    return loadNpz(path, options);
  }
  refuseOptions(tableOptions, options, { what: "a table", name: path });
  return loadTable(path, options);
}

const tableOptions = ["label", "header", "missing", "words"] as const;

/** Options of Parquet files, whose columns have names. */
function imageOptions(options: PathOptions, path: string) {
  refuseOptions(["label", "imageSize"], options, { what: "a Parquet file", name: path });
  const { label } = options;
  if (label !== undefined && typeof label !== "string")
    throw new InputError(
      `Expected the name of a column for --label with ${path} but received ${label}; Parquet columns ` +
        "have names",
    );
  return { ...options, label };
}

/** Tables of a folder, for a message. */
function found(folder: string): string {
  const names = readdirSync(folder).filter(isTableName);
  const some = names.slice(0, 5).join(", ");
  return names.length === 0 ? "none of them" : `${some}${names.length > 5 ? ", ..." : ""}`;
}
