import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheFolder } from "../environment.js";
import { InputError, nearestName } from "../errors.js";
import type { Dataset } from "./contract.js";
import type { DownloadProgress } from "./download.js";
import { glyphs } from "./glyphs.js";
import { loadPath } from "./load-path.js";
import { firstOwn, readSource } from "./load-source.js";
import { type ReadOptions, refuseOptions } from "./read-options.js";
import {
  fetchSource,
  findFiles,
  isDownloaded,
  locate,
  missingFiles,
  type Source,
} from "./source.js";
import { sources } from "./sources.js";
import { findTree, missingTree, readTree, type TreeSource } from "./tree.js";
import { trees } from "./trees.js";

/** Names that `loadDataset` knows, beside paths. */
export const datasetNames: readonly string[] = [
  "glyphs",
  ...sources.map(({ name }) => name),
  ...trees.map(({ name }) => name),
];

/** Whether a name stands for a data set that is known, and not for a file or folder. */
export function isNamedDataset(name: string): boolean {
  return datasetNames.includes(name);
}

/** How a data set is looked for. */
export interface DatasetOptions extends ReadOptions {
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
  /** Downloads go here where no data folder is given, and large sets unpacked. Default: `cacheFolder`. */
  readonly cacheDir?: string;
}

/**
 * Loads a data set by name, or from a path, see `loadPath`. Data files are looked for in the data folder,
 * then in the cache; missing ones are downloaded from their authors, checked, and kept in the data
 * folder, else in the cache. Sets of image files are not downloaded.
 *
 * @throws InputError for an unknown name, missing files that cannot be downloaded, and files that are
 *   not what they should be.
 */
export async function loadDataset(nameOrPath: string, options: DatasetOptions): Promise<Dataset> {
  const tree = trees.find(({ name }) => name === nameOrPath);
  if (isNamedDataset(nameOrPath))
    refuseOptions(tree ? ["imageSize"] : [], options, {
      what: tree ? "known image files" : "known files",
      name: nameOrPath,
    });
  if (nameOrPath === "glyphs") return glyphs(options.seed);
  if (tree) return loadTree(tree, options);
  const source = sources.find(({ name }) => name === nameOrPath);
  if (source) return loadSource(source, options);
  if (existsSync(nameOrPath)) return loadPath(nameOrPath, options, datasetNames.slice(1));
  const nearest = nearestName(nameOrPath, datasetNames);
  throw new InputError(
    `Expected one of ${datasetNames.join(", ")} or the path of a table, Parquet or npz file, or of a folder, for the ` +
      `data set but received "${nameOrPath}"` +
      (nearest ? `; did you mean "${nearest}"?` : ", and there is no such file"),
  );
}

/** Where files are looked for: the data folder, if there is one, and the cache. */
export function dataPlaces({
  dataDir = process.env.FERRET_DATA_DIR || undefined,
  cacheDir = cacheFolder(),
}: Pick<DatasetOptions, "dataDir" | "cacheDir">): readonly [string, ...string[]] {
  if (dataDir === undefined) return [cacheDir];
  if (!(existsSync(dataDir) && statSync(dataDir).isDirectory()))
    throw new InputError(
      `Expected a folder for the data directory but "${dataDir}" ` +
        `${existsSync(dataDir) ? "is none" : "does not exist"}; create it or name another`,
    );
  return [resolve(dataDir), cacheDir];
}

function loadTree(tree: TreeSource, options: DatasetOptions): Promise<Dataset> {
  const places = dataPlaces(options);
  const folder = findTree(tree, places);
  if (folder === undefined) throw missingTree(tree, join(places[0], tree.folders[0]));
  return readTree(tree, folder, options);
}

async function loadSource(source: Source, options: DatasetOptions): Promise<Dataset> {
  const places = dataPlaces(options);
  const found = await firstOwn(source, locate(source, places, sources));
  if (found) return readSource(source, found.paths, options);

  const folder = join(places[0], source.folders[0]);
  if (!isDownloaded(source))
    throw missingFiles(source, folder, "are not downloaded by this program");
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
