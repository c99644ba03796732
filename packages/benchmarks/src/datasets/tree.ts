import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../errors.js";
import { Random, shuffle } from "../random.js";
import type { Dataset } from "./contract.js";
import type { ImageSize } from "./image-decoder.js";
import { imagesDataset } from "./images-dataset.js";
import { type ListedImage, readListedImages } from "./listed-images.js";

/** One row a data set whose images lie in folders: what belongs there, and how its images are listed. */
export interface TreeSource {
  readonly name: string;
  /** Names that its folder goes by. */
  readonly folders: readonly [string, ...string[]];
  /** What is to be in the folder, for people. */
  readonly contents: string;
  /** Where people get it. */
  readonly page: string;
  /** Published samples of training and test split; null where no count is known to us for certain. */
  readonly samples: readonly [number, number] | null;
  /** What images are brought to where nothing is asked for; null: as they are. */
  readonly imageSize: ImageSize;
  /** Whether a folder seems to hold the data set. */
  holds(folder: string): boolean;
  /**
   * Lists the images. @param seed chooses among given orders.
   * @throws InputError where something is missing.
   */
  list(folder: string, seed: number): TreeList;
}

/** The images of a data set. */
export interface TreeList {
  /** Stretches of the training images, in the order of time; each is shuffled within. */
  readonly train: readonly (readonly ListedImage[])[];
  readonly test: readonly ListedImage[];
  readonly classes: number;
  readonly classNames?: readonly string[];
}

/** How the images are read. */
export interface TreeOptions {
  readonly seed: number;
  /** Height and width to bring images to; default: the row's own. */
  readonly imageSize?: ImageSize | undefined;
  readonly cacheDir?: string | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
}

/** Word of the seed: the order within a stretch (this + number of the stretch). */
const stretchWord = 0x800;

/** The folder of a data set in one of some places, or such a place itself. */
export function findTree(source: TreeSource, places: readonly string[]): string | undefined {
  const folders = places.flatMap((place) => [
    ...source.folders.map((folder) => join(place, folder)),
    place,
  ]);
  return folders.find((folder) => isFolder(folder) && source.holds(folder));
}

/** Reads a data set of image files. */
export async function readTree(
  source: TreeSource,
  folder: string,
  { seed, imageSize, cacheDir, onNotice }: TreeOptions,
): Promise<Dataset> {
  const { train, test, classes, classNames } = source.list(folder, seed);
  const size = imageSize === undefined ? source.imageSize : imageSize;
  // In one order whatever the seed, so that all runs find one set of decoded images.
  const sorted = train.flat().sort((left, right) => compareText(left.path, right.path));
  const placeOf = new Map(sorted.map(({ path }, place) => [path, place]));
  if (placeOf.size !== sorted.length)
    throw new InputError(
      `Expected each training image once in the lists of ${folder} but found ` +
        `${sorted.length - placeOf.size} again; take the lists as they are published`,
    );
  const order = train.flatMap((images, stretch) => {
    const places = Uint32Array.from(images, ({ path }) => placeOf.get(path) as number);
    shuffle(places, new Random(seed, stretchWord + stretch));
    return [...places];
  });
  const options = { size, cacheDir, onNotice };
  const trained = await readListedImages(sorted, options);
  const tested = await readListedImages(test, options);
  const dataset = imagesDataset(source.name, {
    train: trained,
    test: tested,
    classes,
    classNames,
    trainOrder: Uint32Array.from(order),
    place: folder,
  });
  const published = source.samples ?? [order.length, test.length];
  const files =
    order.length === published[0] && test.length === published[1] ? "unchecked" : "other";
  const name = files === "other" ? `${source.name} (other files)` : source.name;
  if (files === "other")
    onNotice?.(
      `${source.name}: ${folder} holds ${order.length} and ${test.length} images, not the published ` +
        `${published.join(" and ")}; records call them "${name}"`,
    );
  return { ...dataset, name, origin: { files, decoder: trained.decoder } };
}

/** What is missing, what to do. */
export function missingTree(source: TreeSource, folder: string): InputError {
  return new InputError(
    `Expected ${source.contents} for ${source.name} in ${folder} but they are not there; put them ` +
      `there, from ${source.page}`,
  );
}

export function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** Texts in the order of their UTF-16 units, which is the same everywhere. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Folders in a folder, sorted, without hidden ones. */
export function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith(".") && isFolder(join(folder, entry.name)))
    .map(({ name }) => name)
    .sort(compareText);
}

/** Names of files that are images. */
const imageName = /\.(jpe?g|png|webp|gif|tiff?|bmp)$/i;

/** Image files in a folder and those below it, sorted; hidden ones are passed over. */
function imagesBelow(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => !name.startsWith("."));
  return names.sort(compareText).flatMap((name) => {
    const path = join(folder, name);
    if (imageName.test(name)) return [path];
    return isFolder(path) ? imagesBelow(path) : [];
  });
}

/** Whether there is an image in a folder or below. */
export function hasImage(folder: string): boolean {
  const names = readdirSync(folder).filter((name) => !name.startsWith("."));
  return names.some((name) => {
    if (imageName.test(name)) return true;
    const path = join(folder, name);
    return isFolder(path) && hasImage(path);
  });
}

/** Images in a folder for each class; classes without images are an error, unless some may be. */
export function imagesByClass(
  folder: string,
  classNames: readonly string[],
  { mayLack = false } = {},
): ListedImage[] {
  return classNames.flatMap((name, label) => {
    const of = join(folder, name);
    const images = isFolder(of) ? imagesBelow(of) : [];
    if (images.length === 0 && !mayLack)
      throw new InputError(
        `Expected images of the class ${name} in ${of} but found none; the data set is not whole: ` +
          "unpack it again",
      );
    return images.map((path) => ({ path, label }));
  });
}
