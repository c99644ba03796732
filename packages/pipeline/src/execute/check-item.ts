import { InputError } from "../errors.js";
import { isRegression, type Loss } from "../model/loss.js";
import type { Batch } from "./algorithm.js";
import { checkTargets } from "./check-targets.js";

/** What an item of a stream must look like. */
export interface ItemShape {
  /** Samples of an item. */
  readonly batch: number;
  /** Values of a sample. */
  readonly inputLength: number;
  /** Classes; in regression, outputs. */
  readonly classes: number;
  /** Default cross entropy. */
  readonly loss?: Loss | undefined;
  /**
   * The sum of squares in double precision, if a fast one is available: finite iff all values are.
   */
  readonly squaredNorm?: (values: Float32Array) => number;
}

/**
 * Checks an item that is to be scored or learned, before anything has been done with it: its size,
 * the types and lengths of its arrays, that all of its inputs are finite and all of its labels
 * classes, in regression all of its targets finite. Arrays may be longer than the item; what comes
 * after it is not checked.
 *
 * @param place which item it is, for the message: its number in the stream, or words.
 * @throws InputError that names the item and the place in it.
 */
export function checkItem(item: Batch, shape: ItemShape, place: number | string): void {
  checkInputs(item, shape, place);
  if (isRegression(shape)) checkTargets(item, shape.classes, nameOf(place));
  else checkLabels(item, shape, place);
}

/**
 * The same without the labels, for an item that is only predicted: those are not read, and may be
 * anything.
 * @throws InputError that names the item and the place in it.
 */
export function checkInputs(item: Batch, shape: ItemShape, place: number | string): void {
  const { batch, inputLength } = shape;
  if (typeof item !== "object" || item === null)
    throw refuse("{ x, labels, size }", nameOf(place), item, "hand over an item");
  const { x, size } = item;
  if (size !== batch)
    throw refuse(
      `a size of ${batch} samples`,
      nameOf(place),
      size,
      "hand over items of the batch that the learner was made for",
    );
  if (!(x instanceof Float32Array))
    throw refuse("a Float32Array", `x of ${nameOf(place)}`, x, "convert it");
  const length = size * inputLength;
  if (x.length < length)
    throw new InputError(
      `Expected ${size} x ${inputLength} values for x of ${nameOf(place)} but received ${x.length}; ` +
        "give every sample as many values as the model has inputs",
    );
  const { squaredNorm } = shape;
  const isSound = squaredNorm
    ? Number.isFinite(squaredNorm(x.length === length ? x : x.subarray(0, length)))
    : areFinite(x, length);
  if (isSound) return;
  const at = x.findIndex((value) => !Number.isFinite(value));
  throw new InputError(
    `Expected finite numbers for x of ${nameOf(place)} but received ${x[at]} as value ` +
      `${at % inputLength} of sample ${Math.floor(at / inputLength)}; correct it or leave the ` +
      "item out",
  );
}

/**
 * Checks where predictions are to be written, before any is made.
 * @throws InputError unless it is an Int32Array of `size` elements, in regression a Float32Array of
 * `size` x outputs, or nothing.
 */
export function checkPredicted(
  predicted: unknown,
  size: number,
  shape: Pick<ItemShape, "classes" | "loss">,
): void {
  if (predicted === undefined) return;
  if (isRegression(shape)) {
    const length = size * shape.classes;
    if (predicted instanceof Float32Array && predicted.length === length) return;
    throw refuse(
      `a Float32Array of ${length} elements, one per output of each sample, or nothing`,
      "predicted",
      predicted instanceof Float32Array ? predicted.length : predicted,
      "make one for the items' size",
    );
  }
  const what = `an Int32Array of ${size} elements, one per sample, or nothing`;
  if (!(predicted instanceof Int32Array))
    throw refuse(what, "predicted", predicted, "make one for the items' size");
  if (predicted.length !== size)
    throw refuse(what, "predicted", predicted.length, "make one for the items' size");
}

function checkLabels({ labels, size }: Batch, { classes }: ItemShape, place: number | string) {
  if (!(labels instanceof Int32Array))
    throw refuse("an Int32Array", `labels of ${nameOf(place)}`, labels, "convert them");
  if (labels.length < size)
    throw new InputError(
      `Expected ${size} labels for ${nameOf(place)} but received ${labels.length}; ` +
        "give every sample its label",
    );
  for (let sample = 0; sample < size; sample++) {
    const label = labels[sample] as number;
    if (label < 0 || label >= classes)
      throw new InputError(
        `Expected a class from 0 to ${classes - 1} for the label of sample ${sample} of ` +
          `${nameOf(place)} but received ${label}; correct it or leave the item out`,
      );
  }
}

/** Whether the first `length` values are finite: 0 times any other value is NaN. */
export function areFinite(values: Float32Array, length: number): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  let index = 0;
  // Four sums that do not wait for each other.
  for (; index + 4 <= length; index += 4) {
    a += (values[index] as number) * 0;
    b += (values[index + 1] as number) * 0;
    c += (values[index + 2] as number) * 0;
    d += (values[index + 3] as number) * 0;
  }
  for (; index < length; index++) a += (values[index] as number) * 0;
  return a + b + c + d === 0;
}

function nameOf(place: number | string): string {
  return typeof place === "number" ? `item ${place}` : place;
}

function refuse(what: string, name: string, received: unknown, remedy: string): InputError {
  const isPlain =
    received === null || (typeof received !== "object" && typeof received !== "function");
  const shown = isPlain ? String(received) : (received as object).constructor?.name || "an object";
  return new InputError(`Expected ${what} for ${name} but received ${shown}; ${remedy}`);
}
