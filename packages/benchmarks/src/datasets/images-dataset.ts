import { InputError } from "../errors.js";
import { storedImageData } from "./byte-images.js";
import type { Dataset, PixelStatistics } from "./contract.js";
import { type PackedImages, statisticsOfHistogram } from "./packed-images.js";

/** Two splits of images as a data set. */
export interface ImageSplits {
  readonly train: PackedImages;
  readonly test: PackedImages;
  readonly classes: number;
  readonly classNames?: readonly string[] | undefined;
  /** The training images in the order of the data; default: as they are. */
  readonly trainOrder?: Uint32Array;
  /** Default: those of the training images. */
  readonly statistics?: PixelStatistics;
  /** For messages. */
  readonly place: string;
}

/**
 * The data set of two splits; without published statistics its pixels are standardised by those of the
 * training images.
 *
 * @throws InputError where the splits have images of different shapes.
 */
export function imagesDataset(name: string, splits: ImageSplits): Dataset {
  const { train, test, classes, classNames, trainOrder, place } = splits;
  if (`${train.inputShape}` !== `${test.inputShape}`)
    throw new InputError(
      `Expected test images of ${train.inputShape.join(" x ")} in ${place} as for training but found ` +
        `${test.inputShape.join(" x ")}; bring them to one size`,
    );
  const statistics = splits.statistics ?? statisticsOfHistogram(train.histogram);
  return {
    name,
    train: storedImageData(
      { ...train, classes, ...(trainOrder ? { order: trainOrder } : {}) },
      statistics,
    ),
    test: storedImageData({ ...test, classes }, statistics),
    ...(classNames ? { classNames } : {}),
  };
}
