import type { ScalerState } from "@ferret-ocl/pipeline";
import type { Table } from "./csv.js";

/** Values further out than so many standard deviations are limited to that, as in `RunningScaler`. */
const farthest = 10;

/** A deviation that changes by less than this share has settled; the limit of steps is a safeguard. */
const settled = 1e-12;
const mostSteps = 500;

/** A value so far out that the statistics of its column would be others with it. */
export interface FarValue {
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

/** Statistics of some rows of a table, and the value that would have changed them the most. */
interface ColumnStatistics {
  readonly state: ScalerState;
  /** Of the column whose deviation was more than twice as large with its far values; else null. */
  readonly far: FarValue | null;
}

/**
 * Mean and squared differences by column, over some rows, in two passes: more exact than one of long
 * columns. Values more than 10 standard deviations away count as if they were just so far
 * (winsorised), again and again until mean and deviation settle; a column without such values, or of
 * 0 and 1 alone, is as it is. What is constant but for its far values keeps the last deviation above 0.
 */
export function statisticsOf(
  { columns, values }: Table,
  rows: Uint32Array | readonly number[],
): ColumnStatistics {
  const mean = new Array<number>(columns).fill(0);
  const squares = new Array<number>(columns).fill(0);
  const flags = new Array<boolean>(columns).fill(true);
  const column = new Float64Array(rows.length);
  let far: FarValue | null = null;
  let mostChange = 2;
  for (let at = 0; at < columns; at++) {
    for (let row = 0; row < rows.length; row++) {
      const value = values[rows[row]! * columns + at]!;
      column[row] = value;
      if (value !== 0 && value !== 1) flags[at] = false;
    }
    const whole = momentsOf(column, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    const robust = flags[at] ? whole : limited(column, whole);
    mean[at] = robust.mean;
    squares[at] = robust.squares;
    const change = Math.sqrt(whole.squares / robust.squares);
    if (change > mostChange) {
      mostChange = change;
      const row = farthestRow(column, robust.mean);
      far = { row: rows[row]!, column: at, value: column[row]! };
    }
  }
  return { state: { count: rows.length, mean, squares, flags }, far };
}

interface Moments {
  readonly mean: number;
  readonly squares: number;
  /** Whether the values within the bounds are all the same. */
  readonly isConstant: boolean;
}

/** Over values that are limited to bounds. */
function momentsOf(column: Float64Array, low: number, high: number): Moments {
  let sum = 0;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of column) {
    sum += Math.min(Math.max(value, low), high);
    if (value < low || value > high) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const mean = sum / column.length;
  let squares = 0;
  for (const value of column) squares += (Math.min(Math.max(value, low), high) - mean) ** 2;
  return { mean, squares, isConstant: !(most > least) };
}

function limited(column: Float64Array, whole: Moments): Moments {
  let now = whole;
  for (let step = 0; step < mostSteps; step++) {
    const reach = farthest * Math.sqrt(now.squares / column.length);
    const [low, high] = [now.mean - reach, now.mean + reach];
    if (reach === 0 || column.every((value) => value >= low && value <= high)) return now;
    const next = momentsOf(column, low, high);
    if (next.isConstant || next.squares === 0) return now;
    const hasSettled = Math.abs(next.squares - now.squares) <= settled * now.squares;
    now = next;
    if (hasSettled) break;
  }
  return now;
}

function farthestRow(column: Float64Array, mean: number): number {
  let found = 0;
  column.forEach((value, row) => {
    if (Math.abs(value - mean) > Math.abs(column[found]! - mean)) found = row;
  });
  return found;
}
