import { InputError } from "../errors.js";
import { Random, shuffle } from "../random.js";
import type { Dataset, LabelledData } from "./contract.js";
import type { Table } from "./csv.js";
import type { TableClasses } from "./table-classes.js";

/** Share of the samples that is held out where a data set has no test split, and the most of it. */
const heldOutShare = 0.2;
const mostHeldOut = 5_000;

/** Standardised values are clipped to ± this many standard deviations: sentinels and outliers. */
const clip = 10;

/** Word of the seed that chooses the samples held out. */
const heldOutStream = 5;

/** Rows of a table whose values have been standardised. */
class TableData implements LabelledData {
  readonly count: number;
  readonly inputShape: readonly number[];

  constructor(
    private readonly table: Table,
    private readonly rows: Uint32Array,
    private readonly labels: Int32Array,
    readonly classes: number,
  ) {
    this.count = rows.length;
    this.inputShape = [table.columns];
  }

  read(index: number, x: Float32Array, offset: number): void {
    const { columns, values } = this.table;
    const start = this.rows[index]! * columns;
    for (let column = 0; column < columns; column++) x[offset + column] = values[start + column]!;
  }

  label(index: number): number {
    return this.labels[this.rows[index]!]!;
  }
}

/**
 * A data set over one or two tables. Without a test table a seeded fifth of the rows, at most 5,000,
 * is held out; both parts keep the order of the file. Each column is standardised by mean and
 * standard deviation of the training rows and clipped to ±10; columns that hold only 0 and 1 there
 * stay as they are, and constant ones become 0. The values of the tables are changed in place.
 */
export function tableDataset(
  name: string,
  classes: TableClasses,
  seed: number,
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
  const heldOut = test ? new Set<number>() : chooseHeldOut(all, seed);
  if (all.length - heldOut.size < 1 || (!test && heldOut.size < 1))
    throw new InputError(
      `Expected at least 5 samples in ${train.file} but found ${train.rows}; a fifth is held out`,
    );
  const trainRows = all.filter((row) => !heldOut.has(row));
  standardise(train, trainRows, test ? [train, test] : [train]);
  const data = (table: Table, rows: Uint32Array) => {
    const labels = table.labels.map((label) => classes.of.get(table.labelNames[label]!)!);
    return new TableData(table, rows, labels, classes.names.length);
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
  };
}

function chooseHeldOut(rows: Uint32Array, seed: number): Set<number> {
  const order = rows.slice();
  shuffle(order, new Random(seed, heldOutStream));
  return new Set(order.subarray(0, Math.min(Math.floor(rows.length * heldOutShare), mostHeldOut)));
}

function standardise(train: Table, rows: Uint32Array, tables: readonly Table[]): void {
  const { columns, values } = train;
  for (let column = 0; column < columns; column++) {
    let sum = 0;
    let flag = true;
    for (const row of rows) {
      const value = values[row * columns + column]!;
      sum += value;
      flag &&= value === 0 || value === 1;
    }
    if (flag) continue;
    const mean = sum / rows.length;
    let squares = 0;
    for (const row of rows) squares += (values[row * columns + column]! - mean) ** 2;
    const deviation = Math.sqrt(squares / rows.length);
    for (const table of tables)
      for (let at = column; at < table.values.length; at += columns) {
        const standard = deviation > 0 ? (table.values[at]! - mean) / deviation : 0;
        table.values[at] = Math.min(Math.max(standard, -clip), clip);
      }
  }
}
