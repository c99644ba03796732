import { join } from "node:path";
import { firstOwn } from "./load-source.js";
import { type DatasetOptions, dataPlaces } from "./registry.js";
import { addressOf, filesOf, isDownloaded, locate } from "./source.js";
import { sources } from "./sources.js";
import { findTree } from "./tree.js";
import { trees } from "./trees.js";

/** Whether a data set can be read here, and what is to be done where not. */
export interface DataState {
  readonly dataset: string;
  /** The folder that its files are in, or are to be put in; null of one that is drawn. */
  readonly folder: string | null;
  readonly isAtHand: boolean;
  /** Whether its files are fetched when it is asked for. */
  readonly isDownloaded: boolean;
  /** What is to be in the folder, and where people get it; empty of one that is drawn. */
  readonly needs: string;
  readonly page: string;
}

/**
 * Looks for the files of every known data set by name, as `loadDataset` does. Nothing is read or fetched.
 * @throws InputError where the data folder is none.
 */
export async function dataStates(
  options: Pick<DatasetOptions, "dataDir" | "cacheDir"> = {},
): Promise<DataState[]> {
  const places = dataPlaces(options);
  const states: DataState[] = [
    {
      dataset: "glyphs",
      folder: null,
      isAtHand: true,
      isDownloaded: false,
      needs: "",
      page: "",
    },
  ];
  for (const source of sources) {
    const found = await firstOwn(source, locate(source, places, sources));
    states.push({
      dataset: source.name,
      folder: found?.folder ?? join(places[0], source.folders[0]),
      isAtHand: found !== undefined,
      isDownloaded: isDownloaded(source),
      needs: filesOf(source),
      page: addressOf(source),
    });
  }
  for (const tree of trees) {
    const found = findTree(tree, places);
    states.push({
      dataset: tree.name,
      folder: found ?? join(places[0], tree.folders[0]),
      isAtHand: found !== undefined,
      isDownloaded: false,
      needs: tree.contents.replace(/,$/, ""),
      page: tree.page,
    });
  }
  return states;
}
