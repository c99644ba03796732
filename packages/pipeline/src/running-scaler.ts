import { expected, InputError } from "./errors.js";

/** The state of a scaler, as plain data that JSON preserves to the last bit. */
export interface ScalerState {
  /** Rows observed. */
  readonly count: number;
  /** By column: the mean, and the sum of squared differences from it. */
  readonly mean: readonly number[];
  readonly squares: readonly number[];
  /** By column: whether it has held only 0 and 1 so far. */
  readonly flags: readonly boolean[];
}

/** Standardised values are clipped to ± this many standard deviations: sentinels and outliers. */
const usualClip = 10;

/**
 * What enters the statistics is limited to the mean so far ± this many standard deviations, once so
 * many rows are known: one 1e38 would swamp both for good.
 */
const farthest = 10;
const enoughRows = 30;

/**
 * Standardises the inputs of a stream by what has been seen of it: each column to mean 0 and
 * variance 1 by the running mean and variance (B. P. Welford 1962, over the rows so far), clipped
 * to ±10. Nothing from the future enters, as it would with the statistics of a whole file.
 *
 * A column that has held only 0 and 1 so far, a flag, stays as it is; a constant one becomes 0.
 *
 * From the 31st row on, a value more than 10 standard deviations away enters mean and variance as
 * if it were exactly that far away (winsorised): a single 1e38 hardly moves them, while a real
 * change of scale is still followed, by a step with each row. Among the first 30 rows, and in a
 * column that was constant until then, it is not known what counts as far: such a value enters
 * unchanged, and weighs less only as more rows come. Remove sentinels there, or begin with a saved
 * state.
 *
 * ```ts
 * const scaler = new RunningScaler(54);
 * for (const item of stream) {
 *   scaler.observeAndApply(item.x); // batch x 54 values, in place
 *   learner.observe(item);
 * }
 * const saved = JSON.stringify(scaler.save()); // and later RunningScaler.restore(JSON.parse(saved))
 * ```
 *
 * All memory is taken at construction; only `save` allocates.
 */
export class RunningScaler {
  readonly columns: number;
  readonly #clip: number;
  readonly #mean: Float64Array;
  readonly #squares: Float64Array;
  readonly #deviation: Float64Array;
  /** 1 for a flag. */
  readonly #flags: Uint8Array;
  #count = 0;
  #far = 0;

  /**
   * @param columns values of a row, 1 and up.
   * @param clip standard deviations that scaled values are kept within.
   * @throws InputError if either is not such a number.
   */
  constructor(columns: number, { clip = usualClip }: { readonly clip?: number } = {}) {
    if (!Number.isSafeInteger(columns) || columns < 1)
      throw expected("positive integer", "columns", columns);
    if (!(clip > 0)) throw expected("positive number", "clip", clip);
    this.columns = columns;
    this.#clip = clip;
    this.#mean = new Float64Array(columns);
    this.#squares = new Float64Array(columns);
    this.#deviation = new Float64Array(columns);
    this.#flags = new Uint8Array(columns).fill(1);
  }

  /** Rows observed so far. */
  get count(): number {
    return this.#count;
  }

  /** Number of values so far away that they entered the statistics limited, since construction. */
  get farValues(): number {
    return this.#far;
  }

  /**
   * Takes rows into the statistics, one after the other.
   * @param x whole rows, row after row, from `offset` on.
   * @param rows how many; default: all that are there.
   * @throws InputError if rows are not whole or a value is not finite; then nothing is taken in.
   */
  observe(x: Float32Array, offset = 0, rows = (x.length - offset) / this.columns): void {
    this.#check(x, offset, rows);
    for (let row = 0; row < rows; row++) this.#take(x, offset + row * this.columns);
  }

  /**
   * Scales rows by what has been observed, in place.
   * @param x as for `observe`.
   * @throws InputError as `observe`.
   */
  apply(x: Float32Array, offset = 0, rows = (x.length - offset) / this.columns): void {
    this.#check(x, offset, rows);
    for (let row = 0; row < rows; row++) this.#scale(x, offset + row * this.columns);
  }

  /**
   * Observes and then scales each row, one after the other: what a row becomes depends only on it
   * and on those before it, however the stream is cut into items.
   * @param x as for `observe`.
   * @throws InputError as `observe`.
   */
  observeAndApply(x: Float32Array, offset = 0, rows = (x.length - offset) / this.columns): void {
    this.#check(x, offset, rows);
    for (let row = 0; row < rows; row++) {
      this.#take(x, offset + row * this.columns);
      this.#scale(x, offset + row * this.columns);
    }
  }

  /**
   * Converts scaled rows back to the scale of what has been observed, in place: such as predictions of
   * a model that learns scaled targets. What was clipped stays clipped.
   * @param x as for `observe`.
   * @throws InputError as `observe`.
   */
  revert(x: Float32Array, offset = 0, rows = (x.length - offset) / this.columns): void {
    this.#check(x, offset, rows);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < this.columns; column++) {
        if (this.#flags[column] === 1) continue;
        const at = offset + row * this.columns + column;
        x[at] = this.#mean[column]! + this.#deviation[column]! * x[at]!;
      }
  }

  /** The scaler's state; `restore` continues from there to the bit. */
  save(): ScalerState {
    return {
      count: this.#count,
      mean: [...this.#mean],
      squares: [...this.#squares],
      flags: [...this.#flags].map((flag) => flag === 1),
    };
  }

  /**
   * A scaler that continues from a saved state.
   * @throws InputError if the state is malformed.
   */
  static restore(state: ScalerState, options: { readonly clip?: number } = {}): RunningScaler {
    checkState(state);
    const scaler = new RunningScaler(state.mean.length, options);
    scaler.#count = state.count;
    state.mean.forEach((mean, column) => {
      const squares = state.squares[column] as number;
      scaler.#mean[column] = mean;
      scaler.#squares[column] = squares;
      scaler.#deviation[column] = state.count > 0 ? Math.sqrt(squares / state.count) : 0;
      scaler.#flags[column] = state.flags[column] ? 1 : 0;
    });
    return scaler;
  }

  #take(x: Float32Array, offset: number): void {
    const [means, squares, flags] = [this.#mean, this.#squares, this.#flags];
    const isKnown = this.#count >= enoughRows;
    const count = ++this.#count;
    for (let column = 0; column < this.columns; column++) {
      let value = x[offset + column]!;
      const isFlag = value === 0 || value === 1;
      if (!isFlag || flags[column] === 0) {
        flags[column] = 0;
        if (isKnown) value = this.#limited(value, column);
      }
      const before = value - means[column]!;
      means[column]! += before / count;
      squares[column]! += before * (value - means[column]!);
      this.#deviation[column] = Math.sqrt(squares[column]! / count);
    }
  }

  #limited(value: number, column: number): number {
    const mean = this.#mean[column]!;
    const reach = farthest * this.#deviation[column]!;
    if (reach === 0 || Math.abs(value - mean) <= reach) return value;
    this.#far += 1;
    return value > mean ? mean + reach : mean - reach;
  }

  #scale(x: Float32Array, offset: number): void {
    const clip = this.#clip;
    for (let column = 0; column < this.columns; column++) {
      if (this.#flags[column] === 1) continue;
      const deviation = this.#deviation[column]!;
      const standard = deviation > 0 ? (x[offset + column]! - this.#mean[column]!) / deviation : 0;
      x[offset + column] = Math.min(Math.max(standard, -clip), clip);
    }
  }

  #check(x: Float32Array, offset: number, rows: number): void {
    const { columns } = this;
    const end = offset + rows * columns;
    if (!Number.isSafeInteger(rows) || rows < 0 || !(offset >= 0) || !(end <= x.length))
      throw new InputError(
        `Expected whole rows of ${columns} values for x but received ${x.length} values, of ` +
          `which ${rows} rows from ${offset} on; pass no more rows than x holds`,
      );
    for (let place = offset; place < end; place++)
      if (!Number.isFinite(x[place]))
        throw new InputError(
          `Expected finite numbers for x but received ${x[place]} in row ` +
            `${Math.floor((place - offset) / columns)}, column ${(place - offset) % columns}; drop ` +
            "or fill in such rows",
        );
  }
}

function checkState(state: ScalerState): void {
  const { count, mean, squares, flags } = (state ?? {}) as Partial<ScalerState>;
  const lists = [mean, squares, flags];
  const fits =
    Number.isSafeInteger(count) &&
    (count as number) >= 0 &&
    lists.every((list) => Array.isArray(list) && list.length === mean?.length) &&
    mean?.every(Number.isFinite) &&
    squares?.every((value) => Number.isFinite(value) && value >= 0) &&
    flags?.every((flag) => typeof flag === "boolean");
  if (!fits)
    throw expected(
      "{ count, mean, squares, flags } as save() gives it",
      "the state of a scaler",
      JSON.stringify(state)?.slice(0, 80),
    );
}
