/** Numbers a column that are kept. */
const columnNumbers = 6;

export const trackedNumbers = (columns: number): number => columnNumbers * columns;

type Columns = Float64Array;

/**
 * What descent does in one direction of a matrix's rows, a number a column each, without a vector of
 * the weights' length: w^T g and w^T d of each gradient, d = newest - origin, and from these where
 * descent is, so that the gradient was computed at x - w^T d.
 */
export class TrackedColumns {
  /** What the kernel sums up of a gradient: `gradient`, then `moved`. */
  readonly projections: Columns;
  readonly gradient: Columns;
  /** Of the weights alone: without what waits in a group. */
  readonly moved: Columns;
  /** d, with what waits in a group, which the newest weights do not hold yet. */
  readonly change: Columns;
  /** A fast moving average of gradients, and by how much it is apart from a slow one. */
  readonly average: Columns;
  readonly y: Columns;
  /** The same difference of the places that gradients were computed at. */
  readonly s: Columns;
  readonly #position: Columns;
  readonly #waiting: Columns;
  readonly #slowGradient: Columns;
  readonly #fastOrigin: Columns;
  readonly #slowOrigin: Columns;

  /** @param kept `trackedNumbers`, kept. */
  constructor(kept: Float64Array, columns: number) {
    const part = (of: Float64Array, index: number) =>
      of.subarray(index * columns, (index + 1) * columns);
    this.#position = part(kept, 0);
    this.#waiting = part(kept, 1);
    this.average = part(kept, 2);
    this.#slowGradient = part(kept, 3);
    this.#fastOrigin = part(kept, 4);
    this.#slowOrigin = part(kept, 5);
    this.projections = new Float64Array(2 * columns);
    this.gradient = part(this.projections, 0);
    this.moved = part(this.projections, 1);
    this.change = new Float64Array(columns);
    this.y = new Float64Array(columns);
    this.s = new Float64Array(columns);
  }

  /** Takes in what `projections` were set to. */
  follow(pending: number, fastRate: number, slowRate: number): void {
    if (pending === 0) this.#waiting.fill(0);
    for (let column = 0; column < this.gradient.length; column++) {
      const g = this.gradient[column] as number;
      const d = (this.moved[column] as number) + (this.#waiting[column] as number);
      const then = (this.#position[column] as number) - d;
      this.change[column] = d;
      this.y[column] =
        towards(this.average, column, g, fastRate) -
        towards(this.#slowGradient, column, g, slowRate);
      this.s[column] =
        towards(this.#fastOrigin, column, then, fastRate) -
        towards(this.#slowOrigin, column, then, slowRate);
    }
  }

  /** Takes a step of descent in, which waits until the weights hold it. */
  move(column: number, step: number): void {
    add(this.#position, column, step);
    add(this.#waiting, column, step);
  }
}

/** Moves an average on, and gives it. */
function towards(averages: Columns, column: number, value: number, rate: number): number {
  const average = averages[column] as number;
  const next = average + rate * (value - average);
  averages[column] = next;
  return next;
}

function add(numbers: Columns, place: number, term: number): void {
  numbers[place] = (numbers[place] as number) + term;
}
