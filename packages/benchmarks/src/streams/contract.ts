import type { LabelledData } from "../datasets/contract.js";
import type { Length } from "./item-count.js";
import type { SavedScaling, Scale } from "./saved-scaling.js";

/** A stretch of a stream with classes, or a look, of its own. */
export interface Task {
  readonly firstItem: number;
  readonly classes: readonly number[];
  /** Data as this task shows them; default: as they are. */
  readonly view?: (data: LabelledData) => LabelledData;
}

/** Mini-batches in the order in which they arrive. Any item can be read at any time, again and again. */
export interface Ordered {
  readonly itemCount: number;
  /** Samples of an item. */
  readonly batch: number;
  /** Values of one sample. */
  readonly inputLength: number;
  readonly classes: number;
  /** Samples of the data that it is made of. */
  readonly sampleCount: number;
  /** Of a stream in tasks with borders between them: those, one after the other. */
  readonly tasks?: readonly Task[];
  /**
   * Writes item `k` (0 .. itemCount - 1): its samples at x[0 .. batch * inputLength), its classes at
   * labels[0 .. batch).
   *
   * @throws RangeError when there is no such item.
   */
  readItem(k: number, x: Float32Array, labels: Int32Array): void;
  /** Which sample of the data, 0 .. sampleCount - 1, stands at a place of an item. */
  sampleAt(item: number, place: number): number;
}

/** The same, with how the samples are scaled. */
export interface Stream extends Ordered {
  /** By what measured features are standardised; null of images. */
  readonly scale: Scale | null;
  /** Other samples of the data set, such as the test split, scaled as those read last. */
  present(data: LabelledData): LabelledData;
  /** How the inputs are scaled by now, for who goes on with the model; null of images. */
  saveScaling(): SavedScaling | null;
}

/** What a stream is asked to be. */
interface StreamRequest extends Length {
  readonly seed: number;
}

/** An order in which training data arrives. */
export type Order = (data: LabelledData, request: StreamRequest) => Ordered;
