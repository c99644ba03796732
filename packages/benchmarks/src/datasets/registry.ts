import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheFolder } from "../environment.js";
import { InputError, nearestName } from "../errors.js";
import type { Dataset } from "./contract.js";
import type { TableOptions } from "./csv.js";
import type { DownloadProgress } from "./download.js";
import { glyphs } from "./glyphs.js";
import { firstOwn, readSource, sourceIn } from "./load-source.js";
import { loadTable, loadTables } from "./load-table.js";
import { fetchSource, findFiles, locate, missingFiles, type Source } from "./source.js";
import { sources } from "./sources.js";

/** Names that `loadDataset` knows, beside paths. */
export const datasetNames: readonly string[] = ["glyphs", ...sources.map(({ name }) => name)];

/** Whether a name stands for a data set that is known, and not for a file or folder. */
export function isNamedDataset(name: string): boolean {
  return datasetNames.includes(name);
}

/** How a data set is looked for. */
export interface DatasetOptions extends TableOptions {
  /**
   * A folder with a folder for each data set (`mnist`, ...), or one data set's folder itself.
   * Default: the environment's FERRET_DATA_DIR.
   */
  readonly dataDir?: string | undefined;
  /** Chooses the samples held out where there is no test split, and draws the glyphs. */
  readonly seed: number;
  /** See `HeldOut`; true of a stream in the order of the data. */
  readonly fromEnd?: boolean | undefined;
  /** False: missing files are an error. Default: they are downloaded. */
  readonly download?: boolean;
  /** Called with a line of what people should know of the data, such as lines left out. */
  readonly onNotice?: (line: string) => void;
  /** Called for every piece of a download. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Downloads go here where no data folder is given. Default: `cacheFolder`. */
  readonly cacheDir?: string;
}

/**
 * Loads a data set by name, or from a path: a csv file, a folder with `train.csv` and `test.csv`, with
 * one csv file, or with the files of a known data set. Data files are looked for in the data folder,
 * then in the cache; missing ones are downloaded from their authors, checked, and kept in the data
 * folder, else in the cache.
 *
 * @throws InputError for an unknown name, missing files that cannot be downloaded, and files that are
 *   not what they should be.
 */
export async function loadDataset(nameOrPath: string, options: DatasetOptions): Promise<Dataset> {
  if (isNamedDataset(nameOrPath)) refuseTableOptions(nameOrPath, options);
  if (nameOrPath === "glyphs") return glyphs(options.seed);
  const source = sources.find(({ name }) => name === nameOrPath);
  if (source) return loadSource(source, options);
  if (existsSync(nameOrPath)) return loadPath(nameOrPath, options);
  const nearest = nearestName(nameOrPath, datasetNames);
  throw new InputError(
    `Expected one of ${datasetNames.join(", ")} or the path of a csv file or a folder for the data ` +
      `set but received "${nameOrPath}"` +
      (nearest ? `; did you mean "${nearest}"?` : ", and there is no such file"),
  );
}

/** @throws InputError for options that only tables take. */
function refuseTableOptions(name: string, options: TableOptions): void {
  const given = (["label", "header", "missing"] as const).find((key) => options[key] !== undefined);
  if (given === undefined) return;
  throw new InputError(
    `Expected a CSV file or a folder of them for --dataset with --${given} but received ${name}, ` +
      "whose files are known; leave the option out",
  );
}

async function loadSource(source: Source, options: DatasetOptions): Promise<Dataset> {
  const dataDir = options.dataDir ?? (process.env.FERRET_DATA_DIR || undefined);
  const cacheDir = options.cacheDir ?? cacheFolder();
  if (dataDir !== undefined && !(existsSync(dataDir) && statSync(dataDir).isDirectory()))
    throw new InputError(
      `Expected a folder for the data directory but "${dataDir}" ` +
        `${existsSync(dataDir) ? "is none" : "does not exist"}; create it or name another`,
    );
  const places = dataDir === undefined ? [cacheDir] : [resolve(dataDir), cacheDir];
  const found = await firstOwn(source, locate(source, places, sources));
  if (found) return readSource(source, found.paths, options);

  const folder = join(places[0] as string, source.folders[0]);
  if (options.download === false) throw missingFiles(source, folder, "downloading is off");
  try {
    await fetchSource(source, folder, options.onProgress);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw missingFiles(source, folder, `the download failed (${error.message})`);
  }
  const fetched = findFiles(source, folder);
  if (!fetched) throw missingFiles(source, folder, "the download does not hold them");
  return readSource(source, fetched, options);
}

async function loadPath(path: string, options: DatasetOptions): Promise<Dataset> {
  if (!statSync(path).isDirectory()) return loadTable(path, options);
  const source = await sourceIn(path);
  if (source) {
    refuseTableOptions(source.name, options);
    return readSource(source, findFiles(source, path) as string[][], options);
  }
  const dataset = await loadTables(path, options);
  if (dataset) return dataset;
  throw new InputError(
    `Expected train.csv and test.csv, one csv file, or the files of ${datasetNames.slice(1).join(", ")} ` +
      `in the folder ${path} but found ${found(path)}; ` +
      "name a file instead",
  );
}

/** CSV files of a folder, for a message. */
function found(folder: string): string {
  const names = readdirSync(folder).filter((file) => /\.csv(\.gz)?$/.test(file));
  const some = names.slice(0, 5).join(", ");
  return names.length === 0 ? "none of them" : `${some}${names.length > 5 ? ", ..." : ""}`;
}
