import { expected, InputError } from "../errors.js";
import { areFinite } from "../execute/check-item.js";
import type { Labels, Samples } from "./contract.js";

/**
 * Samples one after the other, [n, inputLength], from an array of numbers, nested in any way; a
 * copy, since the caller may change what it has passed.
 * @throws InputError unless it holds one sample or more, of finite numbers.
 */
export function readSamples(x: Samples, inputLength: number): Float32Array {
  const values = x instanceof Float32Array ? x.slice() : flatten(x);
  const { length } = values;
  if (length === 0 || length % inputLength !== 0)
    throw new InputError(
      `Expected samples of ${inputLength} numbers for x but received ${length} numbers; give every ` +
        "sample as many as the model has inputs",
    );
  if (areFinite(values, length)) return values;
  const at = values.findIndex((value) => !Number.isFinite(value));
  throw new InputError(
    `Expected finite numbers for x but received ${values[at]} as value ${at % inputLength} of ` +
      `sample ${Math.floor(at / inputLength)}; correct it or leave the sample out`,
  );
}

/** Batches of images of rows of pixels of channels are nested four deep. */
const deepest = 16;

type NumericArray = Exclude<NodeJS.TypedArray, BigInt64Array | BigUint64Array>;

export function isNumeric(value: unknown): value is NumericArray {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView) &&
    !(value instanceof BigInt64Array) &&
    !(value instanceof BigUint64Array)
  );
}

function flatten(x: unknown): Float32Array {
  if (isNumeric(x)) return Float32Array.from(x);
  if (!Array.isArray(x)) throw expected("a Float32Array or an array of numbers", "x", x);
  const flat = (x.flat(deepest) as unknown[]).flatMap((part) =>
    isNumeric(part) ? Array.from(part) : [part],
  );
  const wrong = flat.findIndex((value) => typeof value !== "number");
  if (wrong >= 0) throw expected("a number", `value ${wrong} of x`, flat[wrong]);
  return Float32Array.from(flat as number[]);
}

/**
 * Labels of `count` samples.
 * @throws InputError unless there is a class from 0 to `classes` - 1 for each.
 */
export function readLabels(y: Labels, count: number, classes: number): Int32Array {
  const given: unknown = typeof y === "number" ? [y] : y;
  if (!isNumeric(given) && !Array.isArray(given))
    throw expected("a label, or an array of them", "y", y);
  if (given.length !== count)
    throw new InputError(
      `Expected ${count} labels for y, one per sample, but received ${given.length}; give every ` +
        "sample its label",
    );
  for (let sample = 0; sample < count; sample++) {
    const label: unknown = given[sample];
    if (typeof label !== "number")
      throw expected("a number", `the label of sample ${sample}`, label);
    if (!Number.isInteger(label) || label < 0 || label >= classes)
      throw new InputError(
        `Expected a class from 0 to ${classes - 1} for the label of sample ${sample} but ` +
          `received ${label}; ${label === classes ? "labels count from 0" : "correct it or leave the sample out"}`,
      );
  }
  return Int32Array.from(given as ArrayLike<number>);
}
