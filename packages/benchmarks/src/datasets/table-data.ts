import { RunningScaler, type ScalerState } from "@ferret-ocl/pipeline";
import { InputError } from "../errors.js";
import { Random, shuffle } from "../random.js";
import { type FarValue, statisticsOf } from "./column-statistics.js";
import type { Dataset, LabelledData } from "./contract.js";
import type { Table } from "./csv.js";
import { placeOf } from "./missing.js";
import type { TableClasses } from "./table-classes.js";

/** Share of the samples that is held out where a data set has no test split, and the most of it. */
const heldOutShare = 0.2;
const mostHeldOut = 5_000;

/** Word of the seed that chooses the samples held out. */
const heldOutStream = 5;

/** Which samples are held out for the test where a data set has no test split. */
export interface HeldOut {
  /** Chooses them at random. */
  readonly seed: number;
  /**
   * True of a stream in the order of the data: the last ones, whatever the seed. Of a series, those
   * between the ones that are learned would tell what is to be found out.
   */
  readonly fromEnd?: boolean | undefined;
}

/** Rows of a table, as they are and standardised. */
class TableData implements LabelledData {
  readonly count: number;
  readonly inputShape: readonly number[];

  constructor(
    private readonly table: Table,
    private readonly rows: Uint32Array,
    private readonly labels: Int32Array,
    readonly classes: number,
    private readonly scaler: RunningScaler,
  ) {
    this.count = rows.length;
    this.inputShape = [table.columns];
  }

  get statistics(): ScalerState {
    return this.scaler.save();
  }

  read(index: number, x: Float32Array, offset: number): void {
    this.readRaw(index, x, offset);
    this.scaler.apply(x, offset, 1);
  }

  readRaw(index: number, x: Float32Array, offset: number): void {
    const { columns, values } = this.table;
    const start = this.rows[index]! * columns;
    for (let column = 0; column < columns; column++) x[offset + column] = values[start + column]!;
  }

  label(index: number): number {
    return this.labels[this.rows[index]!]!;
  }
}

/**
 * A data set over one or two tables. Without a test table a fifth of the rows, at most 5,000, is held
 * out, see `HeldOut`; both parts keep the order of the file. Each column is standardised by mean and
 * standard deviation of the training rows and clipped to ±10, values further out entering both as if
 * they were just so far; columns that hold only 0 and 1 there
 * stay as they are, and constant ones become 0.
 */
export function tableDataset(
  name: string,
  classes: TableClasses,
  split: HeldOut,
  train: Table,
  test?: Table,
): Dataset {
  if (train.columns === 0)
    throw new InputError(
      `Expected at least one feature column beside the label in ${train.file} but found none`,
    );
  if (test && test.columns !== train.columns)
    throw new InputError(
      `Expected ${train.columns} feature columns in ${test.file} as in ${train.file} but found ` +
        `${test.columns}; take both files from the same data set`,
    );
  const all = Uint32Array.from({ length: train.rows }, (_, row) => row);
  const heldOut = test ? new Set<number>() : chooseHeldOut(all, split);
  if (all.length - heldOut.size < 1 || (!test && heldOut.size < 1))
    throw new InputError(
      `Expected at least 5 samples in ${train.file} but found ${train.rows}; a fifth is held out`,
    );
  const trainRows = all.filter((row) => !heldOut.has(row));
  const { state, far } = statisticsOf(train, trainRows);
  const scaler = RunningScaler.restore(state);
  const data = (table: Table, rows: Uint32Array) => {
    const labels = table.labels.map((label) => classes.of.get(table.labelNames[label]!)!);
    return new TableData(table, rows, labels, classes.names.length, scaler);
  };
  return {
    name,
    train: data(train, trainRows),
    test: test
      ? data(
          test,
          Uint32Array.from({ length: test.rows }, (_, row) => row),
        )
      : data(
          train,
          all.filter((row) => heldOut.has(row)),
        ),
    classNames: classes.names,
    ...(far ? { farValue: farValueIn(train, far) } : {}),
  };
}

/** What is said of a value that the statistics were computed without. */
function farValueIn(table: Table, { row, column, value }: FarValue): string {
  const field = table.fields[column] as number;
  const { file, names } = table;
  const place = placeOf({ file, line: table.lineOf(row), field, name: names?.[field] });
  return (
    `${place}: ${Number(value.toPrecision(7))} is so far out that mean and deviation of the column are those without such ` +
    "values; where it stands for a missing one, take the line out"
  );
}

/** Which of the samples are held out. */
export function chooseHeldOut(rows: Uint32Array, { seed, fromEnd }: HeldOut): Set<number> {
  const count = Math.min(Math.floor(rows.length * heldOutShare), mostHeldOut);
  if (fromEnd) return new Set(rows.subarray(rows.length - count));
  const order = rows.slice();
  shuffle(order, new Random(seed, heldOutStream));
  return new Set(order.subarray(0, count));
}
