import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { cacheFolder } from "../environment.js";
import { InputError, nearestName } from "../errors.js";
import type { Dataset } from "./contract.js";
import { readTable, type TableOptions } from "./csv.js";
import type { DownloadProgress } from "./download.js";
import { glyphs } from "./glyphs.js";
import { fetchSource, findFiles, locate, missingFiles, type Source } from "./source.js";
import { sources } from "./sources.js";
import { sortedClasses } from "./table-classes.js";
import { tableDataset } from "./table-data.js";

/** Names that `loadDataset` knows, beside paths. */
export const datasetNames: readonly string[] = ["glyphs", ...sources.map(({ name }) => name)];

/** How a data set is looked for. */
export interface DatasetOptions extends TableOptions {
  /**
   * A folder with a folder for each data set (`mnist`, ...), or one data set's folder itself.
   * Default: the environment's FERRET_DATA_DIR.
   */
  readonly dataDir?: string | undefined;
  /** Chooses the samples held out where there is no test split, and draws the glyphs. */
  readonly seed: number;
  /** False: missing files are an error. Default: they are downloaded. */
  readonly download?: boolean;
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

async function loadSource(source: Source, options: DatasetOptions): Promise<Dataset> {
  const dataDir = options.dataDir ?? (process.env.FERRET_DATA_DIR || undefined);
  const cacheDir = options.cacheDir ?? cacheFolder();
  if (dataDir !== undefined && !existsSync(dataDir))
    throw new InputError(
      `Expected a folder for the data directory but "${dataDir}" does not exist; ` +
        "create it or name another",
    );
  const places = dataDir === undefined ? [cacheDir] : [resolve(dataDir), cacheDir];
  const found = locate(source, places, sources);
  if (found) return source.read(found, options.seed);

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
  return source.read(fetched, options.seed);
}

async function loadPath(path: string, options: DatasetOptions): Promise<Dataset> {
  const { seed } = options;
  const name = basename(resolve(path));
  if (!statSync(path).isDirectory()) {
    const table = await readTable(path, options);
    return tableDataset(name, sortedClasses([table]), seed, table);
  }
  const known = sources.filter((source) => findFiles(source, path));
  // Data sets with the same file names are told apart by the folder's name.
  const source =
    known.find(({ folders }) => folders.some((folder) => basename(folder) === name)) ?? known[0];
  if (source) return source.read(findFiles(source, path) as string[][], seed);

  const tables = readdirSync(path).filter((file) => /\.csv(\.gz)?$/.test(file));
  const split = (part: string) =>
    tables.find((file) => file.replace(/\.gz$/, "") === `${part}.csv`);
  const [train, test] = [split("train"), split("test")];
  if (train && test) {
    const trainTable = await readTable(join(path, train), options);
    const testTable = await readTable(join(path, test), options);
    const classes = sortedClasses([trainTable, testTable]);
    return tableDataset(name, classes, seed, trainTable, testTable);
  }
  if (tables.length === 1) return loadPath(join(path, tables[0] as string), options);
  throw new InputError(
    `Expected train.csv and test.csv, one csv file, or the files of ${datasetNames.slice(1).join(", ")} ` +
      `in the folder ${path} but found ${tables.length === 0 ? "none of them" : tables.join(", ")}; ` +
      "name a file instead",
  );
}
