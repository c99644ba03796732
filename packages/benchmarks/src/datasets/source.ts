import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { InputError } from "../errors.js";
import type { Dataset } from "./contract.js";
import { type Checksum, type DownloadProgress, download } from "./download.js";
import { readWhole } from "./read-file.js";
import type { HeldOut } from "./table-data.js";
import { tarEntries } from "./tar.js";

/** A file on the network: the address that its authors (or their official mirror) publish. */
interface RemoteFile {
  readonly url: string;
  readonly checksum: Checksum;
}

/** A file that a data set needs. */
export interface SourceFile {
  /** The name its authors gave it. */
  readonly name: string;
  /** Other names that it goes by. */
  readonly pattern: RegExp;
  /** Where the file comes from; missing where it comes in the data set's archive. */
  readonly remote?: RemoteFile;
  /** What is in it, unpacked: its size in bytes and its name as a blob of git. */
  readonly content?: { readonly bytes: number; readonly id: string };
  /** True where all files that fit the pattern belong to the data set, not just one. */
  readonly many?: boolean;
}

/** One row a data set: where its files are and come from, and how they are read. */
export interface Source {
  readonly name: string;
  /** Names of its folder, as the archives and other tools have it; downloads go to the first. */
  readonly folders: readonly [string, ...string[]];
  readonly files: readonly SourceFile[];
  /** Published samples, of training and test split, or in all. */
  readonly samples: readonly [number, number] | number;
  /** A tar.gz archive that holds all the files. */
  readonly archive?: RemoteFile;
  /** Of what is not downloaded: where people get it. */
  readonly page?: string;
  /** Reads the files found, one list for each row of `files`. */
  read(paths: readonly string[][], request: SourceRequest): Promise<Dataset>;
}

/** How the files of a data set are read. */
export interface SourceRequest extends HeldOut {
  /** Where large sets are unpacked to; default: `cacheFolder`. */
  readonly cacheDir?: string | undefined;
}

/** Files of a folder that a row of a source may mean, in the order of the numbers in their names. */
export function fittingFiles({ pattern }: SourceFile, folder: string): string[] {
  const names = readdirSync(folder).sort(byNumber);
  return names.filter((entry) => pattern.test(entry)).map((entry) => join(folder, entry));
}

/** Where the files of a data set are, one list for each row of `files`; null if one is missing. */
export function findFiles(source: Source, folder: string): string[][] | null {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return null;
  const found = source.files.map((file) => {
    const fitting = fittingFiles(file, folder);
    const exact = join(folder, file.name);
    return file.many ? fitting : fitting.includes(exact) ? [exact] : fitting.slice(0, 1);
  });
  return found.some((paths) => paths.length === 0) ? null : found;
}

/** `data_batch_10` after `data_batch_9`. */
function byNumber(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}

/** A folder that holds a data set's files by name. */
export interface Candidate {
  readonly folder: string;
  readonly paths: string[][];
  /** Whether the folder is named after the data set, and is not just one that was given. */
  readonly isNamed: boolean;
}

/**
 * Finds the folders that have all of a data set's files by name. A place holds the data set's folder, or
 * is itself that folder. `others` are the sources whose folders are not to be taken for this one's:
 * MNIST and Fashion-MNIST have the same file names.
 */
export function locate(
  source: Source,
  places: readonly string[],
  others: readonly Source[],
): Candidate[] {
  const foreign = others
    .filter(({ name }) => name !== source.name)
    .flatMap(({ folders }) => folders.map((folder) => folder.split("/")[0]));
  return places.flatMap((place) => {
    const folders = source.folders.map((folder) => ({
      folder: join(place, folder),
      isNamed: true,
    }));
    const ends = place.split(sep).slice(-2);
    if (!foreign.some((folder) => folder !== undefined && ends.includes(folder)))
      folders.push({ folder: place, isNamed: false });
    return folders.flatMap(({ folder, isNamed }) => {
      const paths = findFiles(source, folder);
      return paths ? [{ folder, paths, isNamed }] : [];
    });
  });
}

/** Downloads what is missing of a data set into `folder`. */
export async function fetchSource(
  source: Source,
  folder: string,
  onProgress?: (progress: DownloadProgress) => void,
): Promise<void> {
  if (source.archive) return fetchArchive(source, source.archive, folder, onProgress);
  const present = existsSync(folder) ? readdirSync(folder) : [];
  for (const { name, pattern, remote } of source.files)
    if (remote && !present.some((entry) => pattern.test(entry)))
      await download(remote.url, join(folder, name), remote.checksum, onProgress);
}

/** The largest archive unpacks to 177 MiB. */
const mostUnpackedBytes = 2 ** 30;

async function fetchArchive(
  source: Source,
  { url, checksum }: RemoteFile,
  folder: string,
  onProgress?: (progress: DownloadProgress) => void,
): Promise<void> {
  const archive = join(folder, basename(new URL(url).pathname));
  await download(url, archive, checksum, onProgress);
  await mkdir(folder, { recursive: true });
  for (const { name, content } of tarEntries(
    await readWhole(archive, () => mostUnpackedBytes),
    archive,
  )) {
    const entry = basename(name);
    if (!source.files.some(({ pattern }) => pattern.test(entry))) continue;
    const temporary = join(folder, `${entry}.${process.pid}.part`);
    await writeFile(temporary, content);
    await rename(temporary, join(folder, entry));
  }
  await rm(archive, { force: true });
}

/** What to do about files that are not there. */
export function missingFiles(source: Source, folder: string, reason: string): InputError {
  return new InputError(
    `Expected the files ${filesOf(source)} of ${source.name} in ${folder} but they are not there and ` +
      `${reason}; put them there, from ${addressOf(source)}`,
  );
}

/** Names of a data set's files. */
export function filesOf({ files }: Pick<Source, "files">): string {
  return files.map(({ name }) => name).join(", ");
}

/** Where a data set's files come from. */
export function addressOf({ page, archive, files }: Source): string {
  if (page !== undefined) return page;
  const remotes = archive ? [archive] : files.map(({ remote }) => remote);
  const urls = remotes.flatMap((remote) => (remote ? [remote.url] : []));
  const addresses = urls.map((url) => (urls.length > 1 ? dirname(url) : url));
  return [...new Set(addresses)].join(" and ");
}

/** Whether a data set's files are downloaded where they are missing. */
export function isDownloaded({ archive, files }: Pick<Source, "archive" | "files">): boolean {
  return archive !== undefined || files.every(({ remote }) => remote !== undefined);
}
