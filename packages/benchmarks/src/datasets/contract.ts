import type { ScalerState } from "@ferret-ocl/pipeline";
import type { SavedScaling } from "../streams/saved-scaling.js";
import type { Stretch } from "../stretch.js";

/** Statistics of a data set's training images, one value a channel, of pixels scaled to 0 .. 1. */
export interface PixelStatistics {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** Labelled samples with random access. Reading makes no arrays and changes nothing. */
export interface LabelledData {
  /** Number of samples. */
  readonly count: number;
  /** Labels are 0 .. classes - 1. */
  readonly classes: number;
  /** Shape of one sample, channels last: `[28, 28, 1]`, `[32, 32, 3]`, `[54]`. */
  readonly inputShape: readonly number[];
  /** Writes sample `index` (0 .. count - 1), scaled for learning, at `x[offset ..]`. */
  read(index: number, x: Float32Array, offset: number): void;
  /**
   * Of measured features, not of images: writes the sample as the file has it, where `read` gives it
   * standardised by the statistics of the training split.
   */
  readRaw?(index: number, x: Float32Array, offset: number): void;
  /** The statistics that `read` standardises by; with `readRaw` only. */
  readonly statistics?: ScalerState;
  /** Class of sample `index`. */
  label(index: number): number;
  /** Of samples that are bytes: how byte b of channel c became `(b / 255 - mean) / deviation`. */
  readonly pixels?: PixelStatistics;
}

/** Samples that can also be drawn turned by an angle. */
export interface RotatableData extends LabelledData {
  /** As `read`, turned anticlockwise by `angle` degrees. */
  readRotated(index: number, angle: number, x: Float32Array, offset: number): void;
}

/** Where the samples of a data set come from, as records say it. */
export interface DataOrigin {
  /**
   * Drawn by the program; the files that the authors published, by their checksums; as many samples as
   * those, but no checksum is known for the form they are in; other files in their place; a table; or
   * images and arrays of the user's.
   */
  readonly files: "drawn" | "published" | "unchecked" | "other" | "table" | "images" | "arrays";
  /** Of JPEGs, PNGs and the like: what decoded them, with its version. */
  readonly decoder?: string;
  /** Of a table: name of the label's column, or its number from 1. */
  readonly labelColumn?: string;
  /** Of a table: whether its first line names the columns. */
  readonly header?: boolean;
  /** Of a table: lines that were left out since a value is missing. */
  readonly dropped?: number;
}

/** A data set with its two splits; both have the same classes and the same input shape. */
export interface Dataset {
  readonly name: string;
  readonly train: LabelledData;
  readonly test: LabelledData;
  /** How a saved model that learns from it has its inputs scaled. */
  readonly savedScaling?: SavedScaling;
  /** What a saved model that learns from it has learned from before. */
  readonly learnedBefore?: readonly Stretch[];
  /** Of a table whose first line names the columns: names of the features, in order. */
  readonly featureNames?: readonly string[];
  /** Name of each class, by label. */
  readonly classNames?: readonly string[];
  readonly origin?: DataOrigin;
  /** A line on a value of the training split that its statistics were computed without. */
  readonly farValue?: string;
  /** Takes what is to be said while samples are read. */
  readonly onNotice?: ((line: string) => void) | undefined;
}

/** Number of values of one sample. */
export function inputLength(data: LabelledData): number {
  return data.inputShape.reduce((product, size) => product * size, 1);
}
