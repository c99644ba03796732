import type { LabelledData, PixelStatistics } from "./contract.js";

/** Images as they come from a file: one byte a value, channels last, image after image. */
export interface ByteImages {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
  readonly classes: number;
  /** `[height, width, channels]` */
  readonly inputShape: readonly [number, number, number];
}

/** Images that stay bytes in memory: `read` divides by 255 and standardises by channel. */
class ByteImageData implements LabelledData {
  readonly count: number;
  readonly classes: number;
  readonly inputShape: readonly number[];
  readonly pixels: PixelStatistics;
  readonly #pixels: Uint8Array;
  readonly #labels: Uint8Array;
  readonly #length: number;
  readonly #channels: number;
  /** Value of byte b in channel c, at c * 256 + b. */
  readonly #table: Float32Array;

  constructor(images: ByteImages, pixels: PixelStatistics) {
    const { mean, deviation } = pixels;
    this.pixels = pixels;
    const [height, width, channels] = images.inputShape;
    this.count = images.labels.length;
    this.classes = images.classes;
    this.inputShape = images.inputShape;
    this.#pixels = images.pixels;
    this.#labels = images.labels;
    this.#length = height * width * channels;
    this.#channels = channels;
    this.#table = Float32Array.from({ length: channels * 256 }, (_, entry) => {
      const channel = entry >> 8;
      return ((entry & 255) / 255 - mean[channel]!) / deviation[channel]!;
    });
  }

  read(index: number, x: Float32Array, offset: number): void {
    const start = index * this.#length;
    let channel = 0;
    for (let value = 0; value < this.#length; value++) {
      x[offset + value] = this.#table[(channel << 8) | this.#pixels[start + value]!]!;
      channel = channel + 1 === this.#channels ? 0 : channel + 1;
    }
  }

  label(index: number): number {
    return this.#labels[index]!;
  }
}

/** Labelled data over images in memory, standardised by the statistics of the data set. */
export function byteImageData(images: ByteImages, statistics: PixelStatistics): LabelledData {
  return new ByteImageData(images, statistics);
}
