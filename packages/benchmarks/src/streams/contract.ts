import type { LabelledData } from "../datasets/contract.js";
import type { Length } from "./item-count.js";
import type { SavedScaling, Scale } from "./saved-scaling.js";

/** A stretch of a stream with its own classes, or its own look. */
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
  /** For a stream in tasks with borders between them: the tasks, one after the other. */
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
  /** How measured features are standardised; null for images. */
  readonly scale: Scale | null;
  /** Other samples of the data set, such as the test split, scaled as those read last. */
  present(data: LabelledData): LabelledData;
  /** How the inputs are scaled by now, to be saved with the model; null for images. */
  saveScaling(): SavedScaling | null;
}

/** The requested properties of a stream. */
interface StreamRequest extends Length {
  readonly seed: number;
}

/** An order in which training data arrives. */
export type Order = (data: LabelledData, request: StreamRequest) => Ordered;
