import { expected, InputError } from "../errors.js";
import { isNumeric } from "./read-samples.js";
import type { Targets } from "./regressor.js";

/**
 * Targets of `count` samples, [count, outputs]; a copy, as float32.
 * @throws InputError unless there are `outputs` finite numbers for each.
 */
export function readTargets(y: Targets, count: number, outputs: number): Float32Array {
  const given: unknown = typeof y === "number" ? [y] : y;
  if (!isArray(given)) throw expected("a number, or an array of them", "y", y);
  const targets = new Float32Array(count * outputs);
  if (Array.isArray(given) && given.some(isArray)) readRows(given, count, outputs, targets);
  else {
    if (given.length !== targets.length) throw wrongCount(count, outputs, given.length);
    readRow(given, 0, outputs, targets);
  }
  return targets;
}

type Row = { readonly length: number; readonly [index: number]: unknown };

const isArray = (value: unknown): value is Row => isNumeric(value) || Array.isArray(value);

/** One array a sample. */
function readRows(rows: Row, count: number, outputs: number, targets: Float32Array): void {
  if (rows.length !== count) throw wrongCount(count, outputs, rows.length);
  for (let sample = 0; sample < count; sample++) {
    const row = rows[sample];
    if (!isArray(row) || row.length !== outputs)
      throw expected(`${outputs} numbers, one an output,`, `the target of sample ${sample}`, row);
    readRow(row, sample * outputs, outputs, targets);
  }
}

function readRow(row: Row, begin: number, outputs: number, targets: Float32Array): void {
  for (let index = 0; index < row.length; index++) {
    const value = row[index];
    const at = begin + index;
    if (typeof value !== "number") throw expected("a number", nameOf(at, outputs), value);
    targets[at] = value;
    // Nor may one be too large for float32.
    if (!Number.isFinite(targets[at]))
      throw new InputError(
        `Expected a finite number below 3.4e38 for ${nameOf(at, outputs)} but received ${value}; mend it or leave ` +
          "the sample out",
      );
  }
}

const nameOf = (at: number, outputs: number) =>
  `target ${at % outputs} of sample ${Math.floor(at / outputs)}`;

function wrongCount(count: number, outputs: number, received: number): InputError {
  return new InputError(
    `Expected ${count === 1 ? "" : `${count} x `}${outputs} targets for y, ${outputs} a sample, but ` +
      `received ${received}; give every sample as many as the model has outputs`,
  );
}
