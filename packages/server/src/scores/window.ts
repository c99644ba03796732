/** The last rows of numbers, in memory that is taken once. */
export class Window {
  readonly #values: Float64Array;
  readonly #width: number;
  readonly #most: number;
  #added = 0;

  constructor(most: number, width: number) {
    this.#values = new Float64Array(most * width);
    this.#width = width;
    this.#most = most;
  }

  /** Rows that it holds. */
  get count(): number {
    return Math.min(this.#added, this.#most);
  }

  add(row: ArrayLike<number>): void {
    this.#values.set(row, (this.#added++ % this.#most) * this.#width);
  }

  /** The oldest first. */
  *rows(): Generator<Float64Array> {
    for (let index = this.#added - this.count; index < this.#added; index++) {
      const begin = (index % this.#most) * this.#width;
      yield this.#values.subarray(begin, begin + this.#width);
    }
  }

  save(): number[] {
    return [...this.rows()].flatMap((row) => [...row]);
  }

  restore(values: readonly number[]): void {
    for (let begin = 0; begin + this.#width <= values.length; begin += this.#width)
      this.add(values.slice(begin, begin + this.#width));
  }
}
