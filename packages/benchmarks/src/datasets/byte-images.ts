import type { LabelledData, PixelStatistics } from "./contract.js";
import { heldPixels, type PixelStore } from "./pixel-store.js";

/** Images as they come from a file: one byte a value, channels last, image after image. */
export interface ByteImages {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
  readonly classes: number;
  /** `[height, width, channels]` */
  readonly inputShape: readonly [number, number, number];
}

/** The same, wherever the bytes are. */
export interface StoredImages {
  readonly store: PixelStore;
  /** By image of the store. */
  readonly labels: ArrayLike<number>;
  readonly classes: number;
  /** `[height, width, channels]` */
  readonly inputShape: readonly [number, number, number];
  /** The images of the data, in order, by their places in the store; default: all as they are. */
  readonly order?: Uint32Array;
}

/** Images that stay bytes: `read` divides by 255 and standardises by channel. */
class ByteImageData implements LabelledData {
  readonly count: number;
  readonly classes: number;
  readonly inputShape: readonly number[];
  readonly pixels: PixelStatistics;
  readonly #store: PixelStore;
  readonly #labels: ArrayLike<number>;
  readonly #order: Uint32Array | undefined;
  readonly #length: number;
  readonly #channels: number;
  /** Value of byte b in channel c, at c * 256 + b. */
  readonly #table: Float32Array;

  constructor(images: StoredImages, pixels: PixelStatistics) {
    const { mean, deviation } = pixels;
    this.pixels = pixels;
    const [height, width, channels] = images.inputShape;
    this.count = (images.order ?? images.labels).length;
    this.classes = images.classes;
    this.inputShape = images.inputShape;
    this.#store = images.store;
    this.#labels = images.labels;
    this.#order = images.order;
    this.#length = height * width * channels;
    this.#channels = channels;
    this.#table = Float32Array.from({ length: channels * 256 }, (_, entry) => {
      const channel = entry >> 8;
      return ((entry & 255) / 255 - mean[channel]!) / deviation[channel]!;
    });
  }

  read(index: number, x: Float32Array, offset: number): void {
    const start = this.#store.seek(this.#order ? this.#order[index]! : index);
    const { bytes } = this.#store;
    let channel = 0;
    for (let value = 0; value < this.#length; value++) {
      x[offset + value] = this.#table[(channel << 8) | bytes[start + value]!]!;
      channel = channel + 1 === this.#channels ? 0 : channel + 1;
    }
  }

  label(index: number): number {
    return this.#labels[this.#order ? this.#order[index]! : index]!;
  }
}

/** Labelled data over images in memory, standardised by the statistics of the data set. */
export function byteImageData(images: ByteImages, statistics: PixelStatistics): LabelledData {
  const [height, width, channels] = images.inputShape;
  const store = heldPixels(images.pixels, height * width * channels);
  return storedImageData({ ...images, store }, statistics);
}

/** The same over images wherever they are. */
export function storedImageData(images: StoredImages, statistics: PixelStatistics): LabelledData {
  return new ByteImageData(images, statistics);
}
