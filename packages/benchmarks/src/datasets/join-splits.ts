import { InputError } from "../errors.js";
import { storedImageData } from "./byte-images.js";
import type { DataOrigin, Dataset } from "./contract.js";
import { imagesDataset } from "./images-dataset.js";
import { histogramOf, type PackedImages, statisticsOfHistogram } from "./packed-images.js";
import { chooseHeldOut, type HeldOut } from "./table-data.js";

/** Images of the user's, in one split or two. */
export interface UserImages {
  readonly train: PackedImages;
  readonly test?: PackedImages;
  /** For messages. */
  readonly place: string;
  /** What is held out where there is no test split. */
  readonly split: HeldOut;
  readonly origin: DataOrigin;
}

/**
 * A data set of images with labels that are numbers or, where both splits have names, those names:
 * classes are then the names of both, in the order of their characters.
 *
 * @throws InputError for fewer than two classes, splits of different images or kinds of labels, and too
 *   few images to hold some out.
 */
export function joinSplits(
  name: string,
  { train, test, place, split, origin }: UserImages,
): Dataset {
  const names = namesOf([train, test ?? train], place);
  const named = (images: PackedImages) => withLabels(images, names);
  const trained = named(train);
  const tested = test && named(test);
  const classes = names?.length ?? 1 + mostOf([trained, tested ?? trained]);
  if (classes < 2)
    throw new InputError(`Expected two classes or more in ${place} but found ${classes}`);
  const classNames = names ?? undefined;
  if (tested)
    return {
      ...imagesDataset(name, { train: trained, test: tested, classes, classNames, place }),
      origin,
    };
  const all = Uint32Array.from(trained.labels.keys());
  const heldOut = chooseHeldOut(all, split);
  if (heldOut.size < 1)
    throw new InputError(
      `Expected at least 5 images in ${place} but found ${all.length}; a fifth is held out`,
    );
  const order = all.filter((image) => !heldOut.has(image));
  const statistics = statisticsOfHistogram(histogramOf(trained, order));
  const rest = all.filter((image) => heldOut.has(image));
  return {
    name,
    train: storedImageData({ ...trained, classes, order }, statistics),
    test: storedImageData({ ...trained, classes, order: rest }, statistics),
    ...(classNames ? { classNames } : {}),
    origin,
  };
}

/** The names of all classes; null where labels are numbers alone. */
function namesOf(splits: readonly PackedImages[], place: string): readonly string[] | null {
  const named = splits.filter(({ classNames }) => classNames !== undefined);
  if (named.length === 0) return null;
  if (named.length < splits.length)
    throw new InputError(
      `Expected labels of one kind in both splits of ${place} but only one has names; write both alike`,
    );
  const [first, ...others] = splits.map(({ classNames }) => classNames as readonly string[]);
  // Names that the files tell for the labels 0, 1, ... keep their order.
  if (others.every((other) => `${other}` === `${first}`)) return first as readonly string[];
  return [...new Set(splits.flatMap(({ classNames }) => classNames ?? []))].sort();
}

function withLabels(images: PackedImages, names: readonly string[] | null): PackedImages {
  const { classNames, labels } = images;
  if (names === null || classNames === undefined) return images;
  const labelOf = classNames.map((name) => names.indexOf(name));
  const wrong = labels.find((label) => labelOf[label] === undefined);
  if (wrong !== undefined)
    throw new InputError(
      `Expected labels 0 to ${classNames.length - 1} beside as many names of classes but found ${wrong}; ` +
        "write the data again",
    );
  return { ...images, labels: labels.map((label) => labelOf[label] as number) };
}

function mostOf(splits: readonly PackedImages[]): number {
  let most = 0;
  for (const { labels } of splits) for (const label of labels) most = Math.max(most, label);
  return most;
}
