import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { cacheFolder } from "../environment.js";
import { writeWhole } from "../files.js";
import { unreadable } from "../input-file.js";
import type { StoredImages } from "./byte-images.js";
import type { PixelStatistics } from "./contract.js";
import { FiledPixels } from "./pixel-store.js";
import { PixelWriter } from "./pixel-writer.js";

/** Of images that are only unpacked main memory holds so many bytes; more of them go to a file. */
export const mostUnpackedBytes = 64 * 2 ** 20;
/** Decoding takes far longer, so that it is done once, but of the smallest sets. */
export const mostDecodedBytes = 4 * 2 ** 20;

/** Where images come from, and how they are told from all others. */
export interface ImageSource {
  /** The files that they are made from, in order. */
  readonly files: readonly string[];
  /** What else the pixels depend on: reader, decoder, size. */
  readonly reading: string;
  /** Bytes beyond which they go to a file of the cache. */
  readonly mostHeldBytes: number;
  /** Default: `cacheFolder`. */
  readonly cacheDir?: string | undefined;
  /** Called before the images are read, unless they are in the cache. */
  readonly onRead?: (() => void) | undefined;
  /** Gives one image after the other to a taker, which it asks for when it knows their shape. */
  fill(open: (shape: ImageShape) => ImageTaker): Promise<ImageDetails | undefined>;
}

/** `[height, width, channels]` */
export type ImageShape = readonly [number, number, number];

/** An image as bytes, channels last, red, green and blue. */
export interface DecodedImage {
  readonly pixels: Uint8Array;
  readonly shape: ImageShape;
}

/** Takes an image: its bytes of `pixels` from `start`, channels last, and its label. */
export type ImageTaker = (pixels: Uint8Array, start: number, label: number) => void;

/** What a reader knows beside images and labels. */
interface ImageDetails {
  readonly classNames?: readonly string[];
}

/** Images and what is known of them. */
export interface PackedImages extends Omit<StoredImages, "classes" | "order">, ImageDetails {
  readonly labels: readonly number[];
  /** How often channel c has byte b, at c * 256 + b. */
  readonly histogram: ArrayLike<number>;
}

const byte = z.int().nonnegative();
const kept = z.object({
  inputShape: z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]),
  labels: z.array(byte),
  histogram: z.array(byte),
  classNames: z.array(z.string()).optional(),
});

/**
 * Reads images into bytes of one size. What takes more than `mostHeldBytes` goes to a file in the
 * cache, from which each image is read when it is asked for, here and in runs to come: the file is
 * found again by names, sizes and times of the source's files.
 *
 * @throws InputError as the reader does, and where the cache cannot be written.
 */
export async function packImages(source: ImageSource): Promise<PackedImages> {
  const path = join(source.cacheDir ?? cacheFolder(), "images", nameOf(source));
  const found = findKept(path);
  if (found) return found;
  source.onRead?.();
  let writer: PixelWriter | undefined;
  let inputShape: ImageShape = [0, 0, 0];
  try {
    const details = await source.fill((shape) => {
      inputShape = shape;
      const [height, width, channels] = shape;
      const length = height * width * channels;
      const taker = new PixelWriter(length, channels, `${path}.pixels`, source.mostHeldBytes);
      writer = taker;
      return (pixels, start, label) => taker.take(pixels, start, label);
    });
    if (!writer) throw new Error("A reader of images must ask for a taker");
    const { labels, histogram } = writer;
    const { store, isFiled } = writer.finish();
    const { classNames } = details ?? {};
    const known = { inputShape, labels, histogram, ...(classNames ? { classNames } : {}) };
    if (isFiled)
      writeWhole(`${path}.json`, JSON.stringify({ ...known, histogram: [...histogram] }));
    return { store, ...known };
  } finally {
    writer?.discard();
  }
}

/** A name that changes with the files and with how they are read. */
function nameOf({ files, reading }: ImageSource): string {
  const hash = createHash("sha256").update(`1 ${reading}\n`);
  for (const file of files) {
    const { size, mtimeMs } = statusOf(file);
    hash.update(`${resolve(file)}\0${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex").slice(0, 32);
}

function statusOf(file: string) {
  try {
    return statSync(file);
  } catch (error) {
    throw unreadable(file, "images", error);
  }
}

/** What an earlier run left; undefined where it left nothing, or something else. */
function findKept(path: string): PackedImages | undefined {
  if (!existsSync(`${path}.json`) || !existsSync(`${path}.pixels`)) return undefined;
  try {
    const known = kept.parse(JSON.parse(readFileSync(`${path}.json`, "utf8")));
    const [height, width, channels] = known.inputShape;
    const store = new FiledPixels(`${path}.pixels`, height * width * channels, known.labels.length);
    const { classNames, ...rest } = known;
    return { store, ...rest, ...(classNames ? { classNames } : {}) };
  } catch {
    // Damaged, or of another version of this program: made anew.
    rmSync(`${path}.json`, { force: true });
    return undefined;
  }
}

/** A channel that varies less than this is constant, and stays at 0. */
const leastDeviation = 1e-6;

/** Mean and standard deviation by channel, of pixels scaled to 0 .. 1. */
export function statisticsOfHistogram(histogram: ArrayLike<number>): PixelStatistics {
  const channels = Array.from({ length: histogram.length / 256 }, (_, channel) => {
    const mean = meanOf(histogram, channel, (byte) => byte / 255);
    const variance = meanOf(histogram, channel, (byte) => (byte / 255 - mean) ** 2);
    const deviation = Math.sqrt(variance);
    return { mean, deviation: deviation < leastDeviation ? 1 : deviation };
  });
  return {
    mean: channels.map(({ mean }) => mean),
    deviation: channels.map(({ deviation }) => deviation),
  };
}

function meanOf(
  histogram: ArrayLike<number>,
  channel: number,
  value: (byte: number) => number,
): number {
  let count = 0;
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const often = histogram[256 * channel + byte]!;
    count += often;
    sum += often * value(byte);
  }
  return sum / count;
}

/** How often channel c of some of the images has byte b, at c * 256 + b. */
export function histogramOf(
  { store, inputShape: [height, width, channels] }: Pick<PackedImages, "store" | "inputShape">,
  order: Uint32Array,
): Float64Array {
  const histogram = new Float64Array(256 * channels);
  const length = height * width * channels;
  for (const image of order) {
    const start = store.seek(image);
    const { bytes } = store;
    for (let at = 0; at < length; at++)
      histogram[((at % channels) << 8) | bytes[start + at]!]! += 1;
  }
  return histogram;
}
