import { RunningScaler, type ScalerState } from "@ferret-ocl/pipeline";
import type { LabelledData } from "../datasets/contract.js";
import { InputError } from "../errors.js";
import type { Ordered } from "./contract.js";
import type { SavedScaling, Scale } from "./saved-scaling.js";

/** How a stream scales what it brings. */
export interface Scaling {
  /** Null for images, which keep the published statistics of their pixels. */
  readonly scale: Scale | null;
  /** What the order reads, each sample of an item once. */
  readonly data: LabelledData;
  /** Other samples of the data set, scaled as those of the stream are by now. */
  present(data: LabelledData): LabelledData;
  /** To be called before an item is read; items may be read in any order, again and again. */
  seek(item: number, items: Pick<Ordered, "batch" | "sampleAt">): void;
  /** What has to be saved with the model; null for images. */
  save(): SavedScaling | null;
}

const nothing = () => {};

/**
 * Decides how the samples of a stream are scaled. What comes in its given order must not reveal its
 * future, so by default it is scaled by what has come; in other orders by the statistics of the
 * training split.
 *
 * @param saved from a model that continues to learn: its inputs stay what they were.
 * @param onFar called once, for the first item with a value that enters running statistics limited.
 * @throws InputError for a scale that does not fit the data or the model.
 */
export function scalingOf(
  data: LabelledData,
  order: string,
  asked: Scale | undefined,
  saved: SavedScaling | undefined,
  onFar: (item: number) => void = nothing,
): Scaling {
  if (!data.readRaw) {
    if (asked !== undefined)
      throw new InputError(
        `Expected no --scale for images, which keep the statistics of their pixels, but received ` +
          `"${asked}"; leave it out`,
      );
    return { scale: null, data, present: (other) => other, seek: nothing, save: () => null };
  }
  if (saved && asked !== undefined && asked !== saved.scale)
    throw new InputError(
      `Expected "${saved.scale}" for --scale, as the model has learned with it, but received ` +
        `"${asked}"; leave --scale out`,
    );
  const scale = saved?.scale ?? asked ?? (order === "given" ? "running" : "file");
  if (scale === "none") return unscaled(data);
  const [columns = 0] = data.inputShape;
  const state = saved?.state ?? (scale === "file" ? (data.statistics ?? null) : null);
  const scaler = state ? RunningScaler.restore(state) : new RunningScaler(columns);
  if (scaler.columns !== columns)
    throw new InputError(
      `Expected ${scaler.columns} features, as many as the scaling of the model's inputs has, ` +
        `but the data has ${columns}; use data with the features that the model has learned from`,
    );
  return scale === "file" ? scaledByFile(data, scaler) : new RunningScaling(data, scaler, onFar);
}

function unscaled(data: LabelledData): Scaling {
  const present = (other: LabelledData) =>
    withRead(other, (index, x, offset) => readRaw(other, index, x, offset));
  const save = () => ({ scale: "none", state: null }) as const;
  return { scale: "none", data: present(data), present, seek: nothing, save };
}

function scaledByFile(data: LabelledData, scaler: RunningScaler): Scaling {
  const present = (other: LabelledData) => scaledBy(other, scaler);
  const save = () => ({ scale: "file", state: scaler.save() }) as const;
  return { scale: "file", data: present(data), present, seek: nothing, save };
}

/** Items between two states that are kept, for items that are read again. */
const stride = 64;

/**
 * By mean and variance of what has come, each sample with those before it and itself: its features
 * are known when it is predicted. What an item is does not depend on what was read before it, so
 * states are kept along the way.
 */
class RunningScaling implements Scaling {
  readonly scale = "running";
  readonly data: LabelledData;
  readonly #source: LabelledData;
  readonly #row: Float32Array;
  #scaler: RunningScaler;
  /** `#states[k]` before item `k * stride`. */
  readonly #states: ScalerState[];
  /** The statistics are those before this item. */
  #next = 0;

  constructor(
    source: LabelledData,
    scaler: RunningScaler,
    private readonly onFar: (item: number) => void,
  ) {
    this.#source = source;
    this.#scaler = scaler;
    this.#states = [scaler.save()];
    this.#row = new Float32Array(scaler.columns);
    this.data = withRead(source, (index, x, offset) => {
      readRaw(source, index, x, offset);
      this.#scaler.observeAndApply(x, offset, 1);
      this.#tellFar(this.#next - 1);
    });
  }

  present(other: LabelledData): LabelledData {
    return withRead(other, (index, x, offset) => {
      readRaw(other, index, x, offset);
      this.#scaler.apply(x, offset, 1);
    });
  }

  seek(item: number, { batch, sampleAt }: Pick<Ordered, "batch" | "sampleAt">): void {
    const known = Math.min(Math.floor(item / stride), this.#states.length - 1);
    if (item < this.#next || known * stride > this.#next) {
      this.#scaler = RunningScaler.restore(this.#states[known] as ScalerState);
      this.#next = known * stride;
    }
    for (; this.#next < item; this.#next++) {
      this.#keep();
      for (let place = 0; place < batch; place++) {
        readRaw(this.#source, sampleAt(this.#next, place), this.#row, 0);
        this.#scaler.observe(this.#row);
        this.#tellFar(this.#next);
      }
    }
    this.#keep();
    // Its own samples are observed as they are read.
    this.#next = item + 1;
  }

  save(): SavedScaling {
    return { scale: "running", state: this.#scaler.save() };
  }

  #tellFar(item: number): void {
    if (this.#hasTold || this.#scaler.farValues === 0) return;
    this.#hasTold = true;
    this.onFar(item);
  }
  #hasTold = false;

  #keep(): void {
    if (this.#next === this.#states.length * stride) this.#states.push(this.#scaler.save());
  }
}

function scaledBy(data: LabelledData, scaler: RunningScaler): LabelledData {
  return withRead(data, (index, x, offset) => {
    readRaw(data, index, x, offset);
    scaler.apply(x, offset, 1);
  });
}

/** The data as they are, but for how they are read. */
function withRead(data: LabelledData, read: LabelledData["read"]): LabelledData {
  return {
    count: data.count,
    classes: data.classes,
    inputShape: data.inputShape,
    label: (index) => data.label(index),
    read,
  };
}

function readRaw(data: LabelledData, index: number, x: Float32Array, offset: number): void {
  if (data.readRaw) data.readRaw(index, x, offset);
  else data.read(index, x, offset);
}
