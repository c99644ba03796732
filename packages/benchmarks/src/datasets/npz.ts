import { basename, resolve } from "node:path";
import { InputError } from "../errors.js";
import { quoted } from "../input-file.js";
import type { Dataset } from "./contract.js";
import { RangeFile } from "./file-range.js";
import { joinSplits } from "./join-splits.js";
import { type NpyArray, openNpy, takeNumbers } from "./npy.js";
import {
  type ImageShape,
  mostUnpackedBytes,
  type PackedImages,
  packImages,
} from "./packed-images.js";
import type { HeldOut } from "./table-data.js";
import { type ZipEntry, zipEntries } from "./zip.js";

/** Names of the arrays of a split, images and labels, as Keras, MedMNIST and others have them. */
const splits: Readonly<Record<"train" | "test" | "all", readonly (readonly [string, string])[]>> = {
  train: [
    ["x_train", "y_train"],
    ["train_images", "train_labels"],
    ["X_train", "y_train"],
  ],
  test: [
    ["x_test", "y_test"],
    ["test_images", "test_labels"],
    ["X_test", "y_test"],
  ],
  all: [
    ["images", "labels"],
    ["x", "y"],
    ["X", "y"],
    ["data", "labels"],
    ["data", "target"],
  ],
};

/** Labels beyond this are none. */
const mostClasses = 100_000;

/** Where the images and labels of a split are. */
type Pair = readonly [images: ZipEntry, labels: ZipEntry];

/** How a .npz file is read. */
export interface NpzOptions extends HeldOut {
  readonly cacheDir?: string | undefined;
}

/**
 * Reads images and labels in a .npz file: arrays of unsigned bytes, `[n, height, width]`,
 * `[n, height, width, 1 or 3]` or `[n, 3, height, width]`, and integers, one an image. Without arrays of a test split a fifth
 * is held out.
 *
 * @throws InputError for other arrays, and what the zip archive refuses.
 */
export async function loadNpz(path: string, options: NpzOptions): Promise<Dataset> {
  const file = new RangeFile(path);
  try {
    const entries = zipEntries(file);
    const train = findPair(entries, "train") ?? findPair(entries, "all");
    const test = findPair(entries, "test");
    if (!train)
      throw new InputError(
        `Expected the arrays x_train and y_train, train_images and train_labels, images and labels, or x ` +
          `and y in ${path} but found ${
            entries
              .map(({ name }) => quoted(nameOf(name)))
              .slice(0, 8)
              .join(", ") || "none"
          }; ` +
          "save them under such names",
      );
    return joinSplits(basename(resolve(path)), {
      train: await readPair(path, train, options),
      ...(test ? { test: await readPair(path, test, options) } : {}),
      place: path,
      split: options,
      origin: { files: "arrays" },
    });
  } finally {
    file.close();
  }
}

const nameOf = (entry: string) => entry.replace(/\.npy$/, "");

function findPair(entries: readonly ZipEntry[], split: keyof typeof splits): Pair | undefined {
  const find = (name: string) => entries.find((entry) => nameOf(entry.name) === name);
  for (const [images, labels] of splits[split]) {
    const pair = [find(images), find(labels)] as const;
    if (pair[0] && pair[1]) return [pair[0], pair[1]];
  }
  return undefined;
}

function readPair(
  path: string,
  [images, labels]: Pair,
  { cacheDir }: NpzOptions,
): Promise<PackedImages> {
  const imagesName = `${nameOf(images.name)} of ${path}`;
  return packImages({
    files: [path],
    reading: `npz ${images.name} ${labels.name}`,
    mostHeldBytes: mostUnpackedBytes,
    cacheDir,
    async fill(open) {
      const classes = await readLabels(labels, `${nameOf(labels.name)} of ${path}`);
      const array = await openNpy(images.pieces(), images.size, imagesName);
      try {
        const { shape, isPlanar } = layoutOf(array, imagesName);
        const count = array.shape[0] as number;
        if (classes.length !== count)
          throw new InputError(
            `Expected as many labels as images but ${nameOf(labels.name)} of ${path} holds ` +
              `${classes.length} labels and ${nameOf(images.name)} ${count} images`,
          );
        await takeImages(array, open(shape), { shape, isPlanar, classes, name: imagesName });
      } finally {
        await array.reader.close();
      }
      return undefined;
    },
  });
}

async function takeImages(
  { reader }: NpyArray,
  take: (pixels: Uint8Array, start: number, label: number) => void,
  layout: { shape: ImageShape; isPlanar: boolean; classes: Float64Array; name: string },
): Promise<void> {
  const { shape, isPlanar, classes, name } = layout;
  const [height, width, channels] = shape;
  const length = height * width * channels;
  const pixels = new Uint8Array(length);
  for (const label of classes) {
    const bytes = await reader.take(length);
    if (bytes.length < length)
      throw new InputError(
        `Expected ${classes.length} images in ${name} but the values end early; the file is damaged: ` +
          "fetch it again",
      );
    if (!isPlanar) take(bytes, 0, label);
    else {
      const plane = height * width;
      for (let at = 0; at < plane; at++)
        for (let channel = 0; channel < channels; channel++)
          pixels[channels * at + channel] = bytes[channel * plane + at]!;
      take(pixels, 0, label);
    }
  }
}

/** Height, width and channels of the images of an array, and whether its colours lie in planes. */
function layoutOf(
  { type, shape }: NpyArray,
  name: string,
): { shape: ImageShape; isPlanar: boolean } {
  const [count = 0, a = 0, b = 0, c = 0] = shape;
  const wanted = "unsigned bytes, n x height x width (x 1 or 3) or n x 3 x height x width,";
  if (type !== "u1" || count < 1 || (shape.length !== 3 && shape.length !== 4) || a * b === 0)
    throw new InputError(
      `Expected images as ${wanted} in ${name} but found ${shape.join(" x ") || "one value"} of type ` +
        `${type}; save them so, or tables as CSV`,
    );
  if (shape.length === 3) return { shape: [a, b, 1], isPlanar: false };
  if (c === 1 || c === 3) return { shape: [a, b, c], isPlanar: false };
  if ((a === 1 || a === 3) && c > 0) return { shape: [b, c, a], isPlanar: true };
  throw new InputError(
    `Expected images as ${wanted} in ${name} but found ${shape.join(" x ")}; save them so`,
  );
}

async function readLabels(entry: ZipEntry, name: string): Promise<Float64Array> {
  const array = await openNpy(entry.pieces(), entry.size, name);
  try {
    // Some write them as a column.
    if (array.count !== array.shape[0])
      throw new InputError(
        `Expected one label an image in ${name} but found ${array.shape.join(" x ")} values; save the ` +
          "number of each image's class",
      );
    const labels = await takeNumbers(array, array.count, name);
    const wrong = labels.findIndex(
      (label) => !(Number.isInteger(label) && label >= 0 && label < mostClasses),
    );
    if (wrong >= 0)
      throw new InputError(
        `Expected classes, integers from 0, in ${name} but found ${labels[wrong]} at place ${wrong}; ` +
          "save the number of each image's class",
      );
    return labels;
  } finally {
    await array.reader.close();
  }
}
