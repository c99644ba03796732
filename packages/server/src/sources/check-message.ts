import { InputError } from "../errors.js";
import type { SourceMessage } from "./contract.js";

/** What a model takes in. */
export interface ItemShape {
  /** Numbers of a sample. */
  readonly inputLength: number;
  /** Classes or, in regression, values that are predicted of a sample. */
  readonly outputs: number;
  readonly isOfValues: boolean;
}

/** A message whose values are known to be right. */
export interface CheckedMessage {
  /** [n, inputLength] */
  readonly x: Float32Array | undefined;
  /** Classes, [n], or values, [n, outputs]; of a label alone for as many samples as its item has. */
  readonly y: Int32Array | Float32Array | undefined;
  readonly id: string | undefined;
}

/** @throws InputError that says what is wrong with it. */
export function checkMessage(message: SourceMessage, shape: ItemShape): CheckedMessage {
  const { x, y, id, fault } = message;
  if (fault !== undefined) throw new InputError(fault);
  if (x === undefined && y === undefined)
    throw new InputError("Expected an item, a label or both but the message has neither x nor y");
  if (id !== undefined && (typeof id !== "string" || id === ""))
    throw new InputError(`Expected a text for id but received ${shown(id)}`);
  if (x === undefined && id === undefined)
    throw new InputError("Expected an id beside a label alone but the message has none");
  const samples = x === undefined ? undefined : checkSamples(x, shape.inputLength);
  const { inputLength, outputs, isOfValues } = shape;
  const truth =
    y === undefined ? undefined : isOfValues ? checkValues(y, outputs) : checkLabels(y, outputs);
  const width = isOfValues ? outputs : 1;
  if (samples && truth && truth.length / width !== samples.length / inputLength)
    throw new InputError(
      `Expected ${(samples.length / inputLength) * width} numbers for y, ${width} a sample, but received ` +
        `${truth.length}`,
    );
  return { x: samples, y: truth, id };
}

function checkSamples(x: unknown, inputLength: number): Float32Array {
  const values = x instanceof Float32Array ? x : Float32Array.from(numbersOf(x, "x"));
  const { length } = values;
  if (length === 0 || length % inputLength !== 0)
    throw new InputError(`Expected samples of ${inputLength} numbers for x but received ${length}`);
  for (let at = 0; at < length; at++)
    if (!Number.isFinite(values[at]))
      throw new InputError(`Expected finite numbers for x but value ${at} is ${values[at]}`);
  return values;
}

function checkLabels(y: unknown, classes: number): Int32Array {
  const values = typeof y === "number" ? [y] : numbersOf(y, "y");
  if (values.length === 0) throw new InputError("Expected a label for y but received none");
  for (const value of values)
    if (!Number.isInteger(value) || value < 0 || value >= classes)
      throw new InputError(`Expected classes from 0 to ${classes - 1} for y but received ${value}`);
  return Int32Array.from(values);
}

function checkValues(y: unknown, outputs: number): Float32Array {
  const values = Float32Array.from(typeof y === "number" ? [y] : numbersOf(y, "y"));
  if (values.length === 0 || values.length % outputs !== 0)
    throw new InputError(
      `Expected ${outputs} numbers a sample for y but received ${values.length}`,
    );
  const wrong = values.find((value) => !Number.isFinite(value));
  if (wrong !== undefined)
    throw new InputError(`Expected finite numbers for y but one is ${wrong}`);
  return values;
}

/** Arrays of rows of pixels of channels are nested four deep. */
const deepest = 16;

/** Numbers of an array, nested in any way. */
function numbersOf(value: unknown, name: string): number[] {
  if (ArrayBuffer.isView(value) && "length" in value)
    return Array.from(value as Float32Array, Number);
  if (!Array.isArray(value))
    throw new InputError(`Expected an array of numbers for ${name} but received ${shown(value)}`);
  const flat = value
    .flat(deepest)
    .flatMap((each) => (ArrayBuffer.isView(each) ? numbersOf(each, name) : [each]));
  for (const each of flat)
    if (typeof each !== "number")
      throw new InputError(`Expected numbers for ${name} but one is ${shown(each)}`);
  return flat as number[];
}

/** The beginning of a value. */
function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 60);
}
