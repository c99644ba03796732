import { readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { InputError } from "../errors.js";
import type { Dataset } from "./contract.js";
import type { ImageSize } from "./image-decoder.js";
import { joinSplits } from "./join-splits.js";
import { readListedImages } from "./listed-images.js";
import { readParquetImages } from "./parquet-images.js";
import type { HeldOut } from "./table-data.js";
import { compareText, foldersIn, hasImage, imagesByClass, isFolder } from "./tree.js";

/** How images of the user's are read. */
export interface ImageLoadOptions extends HeldOut {
  /** Of Parquet: name of the column that holds the class. */
  readonly label?: string | undefined;
  /** Height and width to bring images to; default: as they are, all alike. */
  readonly imageSize?: ImageSize | undefined;
  readonly cacheDir?: string | undefined;
  readonly onNotice?: ((line: string) => void) | undefined;
}

/** Names of the folder, or the files, of a split. */
const trainName = /^train(ing)?$/i;
const testName = /^(test(ing)?|val(id|idation)?|dev)$/i;

/** Whether a folder has images in folders, one a class, alone or below folders of splits. */
export function holdsImages(folder: string): boolean {
  const { train } = splitFolders(folder);
  return foldersIn(train).some((name) => hasImage(join(train, name)));
}

/**
 * A data set from a folder with a folder of images for each class, or such folders below `train` and
 * `test` (or `val`). Classes are in the order of their names' characters, images in that of theirs.
 */
export async function loadImageFolder(folder: string, options: ImageLoadOptions): Promise<Dataset> {
  const { train, test } = splitFolders(folder);
  const classNames = foldersIn(train).filter((name) => hasImage(join(train, name)));
  const read = async (of: string, mayLack: boolean) => {
    const strange = foldersIn(of).find(
      (name) => !classNames.includes(name) && hasImage(join(of, name)),
    );
    if (strange !== undefined)
      throw new InputError(
        `Expected the classes of ${train} in ${of} but found ${strange} beside them; a class that is ` +
          "tested must be learned",
      );
    const images = imagesByClass(of, classNames, { mayLack });
    if (images.length === 0) throw new InputError(`Expected images in ${of} but found none`);
    const { cacheDir, onNotice, imageSize: size = null } = options;
    const packed = await readListedImages(images, { size, cacheDir, onNotice });
    return { ...packed, classNames };
  };
  const trained = await read(train, false);
  return joinSplits(basename(resolve(folder)), {
    train: trained,
    ...(test === undefined ? {} : { test: await read(test, true) }),
    place: folder,
    split: options,
    origin: { files: "images", decoder: trained.decoder },
  });
}

/** Parquet files of a folder, or of its folder `data`, by split; null without any. */
export function parquetFiles(folder: string): { train: string[]; test: string[] } | null {
  for (const place of [folder, join(folder, "data")]) {
    if (!isFolder(place)) continue;
    const names = readdirSync(place).filter((name) => name.endsWith(".parquet"));
    const sorted = names.sort(compareText);
    if (sorted.length === 0) continue;
    // Shards are named train-00000-of-00002.parquet and so on.
    const of = (pattern: RegExp) =>
      sorted.filter((name) => pattern.test(/^([a-z]+)/i.exec(name)?.[1] ?? ""));
    const test = of(/^test$/i).length > 0 ? of(/^test$/i) : of(testName);
    const train =
      of(trainName).length > 0 ? of(trainName) : sorted.filter((name) => !test.includes(name));
    const paths = (files: readonly string[]) => files.map((name) => join(place, name));
    expectAllShards(place, [...train, ...test]);
    return { train: paths(train), test: paths(test) };
  }
  return null;
}

/** Refuses a split that is there in part. */
function expectAllShards(folder: string, names: readonly string[]): void {
  const shards = names.flatMap((name) => {
    const [, split, number, of] = /^(.*)-(\d+)-of-(\d+)\b/.exec(name) ?? [];
    return split === undefined ? [] : [{ split, number: Number(number), of: Number(of) }];
  });
  for (const { split, of } of shards) {
    const numbers = shards
      .filter((each) => each.split === split && each.of === of)
      .map(({ number }) => number);
    if (numbers.length === of) continue;
    const missing = Array.from({ length: of }, (_, number) => number).find(
      (number) => !numbers.includes(number),
    );
    throw new InputError(
      `Expected ${of} files of the split ${split} in ${folder} but number ${missing} is missing; fetch it`,
    );
  }
}

/** A data set from Parquet files with images, as the Hugging Face Hub has them. */
export async function loadParquet(
  name: string,
  files: { readonly train: readonly string[]; readonly test: readonly string[] },
  { label, imageSize: size = null, cacheDir, ...split }: ImageLoadOptions,
): Promise<Dataset> {
  const [first] = files.train;
  if (first === undefined)
    throw new InputError(`Expected Parquet files of the training split for ${name} but found none`);
  const train = await readParquetImages(files.train, { label, size, cacheDir });
  const test =
    files.test.length > 0
      ? await readParquetImages(files.test, { label, size, cacheDir })
      : undefined;
  return joinSplits(name, {
    train,
    ...(test ? { test } : {}),
    place: first,
    split,
    origin: { files: "images", decoder: train.decoder },
  });
}

function splitFolders(folder: string): { train: string; test?: string } {
  const names = foldersIn(folder);
  const train = names.find((name) => trainName.test(name));
  const test =
    names.find((name) => /^test$/i.test(name)) ?? names.find((name) => testName.test(name));
  if (train === undefined || test === undefined) return { train: folder };
  return { train: join(folder, train), test: join(folder, test) };
}
