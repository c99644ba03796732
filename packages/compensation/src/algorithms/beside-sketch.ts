import type { RankOneKernels } from "../kernels/rank-one.js";
import { curvatureNumbers, PartCurvature, partSums } from "./block-curvature.js";
import { blockViews, type ParameterBlock } from "./parameter-blocks.js";
import { noiseOfAverage, noiseOfDifference } from "./secant-rules.js";
import { TrackedColumns, trackedNumbers } from "./tracked-columns.js";

/** Rows that are sketched together, and into how many parts a matrix is cut at the most. */
const rowsTogether = 96;
const mostParts = 8;

const partsOf = (rows: number): number => Math.min(mostParts, Math.ceil(rows / rowsTogether));

/** Numbers that a sketch keeps. */
export const sketchNumbers = ({ rows, columns }: ParameterBlock): number =>
  curvatureNumbers / 2 + partsOf(rows) * trackedNumbers(columns);

/** Rows of a matrix, summed up with a sign each. */
interface SketchedRows {
  readonly first: number;
  readonly signs: Float64Array;
  readonly columns: TrackedColumns;
  /** Of the signs and the direction that is followed apart. */
  overlap: number;
}

/**
 * The curvature that a matrix has beside a direction u, from sums of its rows with signs drawn at
 * random. With w such signs and E[w w^T] = 1 the products <w^T s, w^T y> are <s, y> on average (Alon,
 * Matias and Szegedy 1996), so that curvature, a quotient of sums of them, takes no vector. A matrix
 * is cut into parts of about 96 rows, each with signs of its own: a pass over memory in all, and the
 * more parts there are, the less the sums differ from what they are on average.
 *
 * What lies along u is taken off: w^T s less <w, u> u^T s.
 */
export class BesideSketch {
  readonly curvature: PartCurvature;
  readonly #parts: readonly SketchedRows[];
  readonly #cut: (vector: Float32Array) => readonly Float32Array[];
  readonly #sums = partSums();
  readonly #kernels: RankOneKernels;

  /** @param numbers `sketchNumbers`, kept. */
  constructor({ rows, columns }: ParameterBlock, numbers: Float64Array, kernels: RankOneKernels) {
    const kept = trackedNumbers(columns);
    const start = curvatureNumbers / 2;
    const count = partsOf(rows);
    const random = signs();
    this.curvature = new PartCurvature(numbers.subarray(0, start), true);
    this.#kernels = kernels;
    this.#parts = Array.from({ length: count }, (_, part) => {
      const first = Math.floor((part * rows) / count);
      const end = Math.floor(((part + 1) * rows) / count);
      const from = start + part * kept;
      return {
        first,
        signs: Float64Array.from({ length: end - first }, random),
        columns: new TrackedColumns(numbers.subarray(from, from + kept), columns),
        overlap: 0,
      };
    });
    this.#cut = blockViews(
      this.#parts.map(({ first, signs: { length } }) => ({
        offset: first * columns,
        length: length * columns,
        rows: length,
        columns,
      })),
    );
  }

  /** |g|^2 beside the direction, of the gradient measured last. */
  get square(): number {
    return this.#sums[3] as number;
  }

  /** @param along what the matrix has along `direction`, this gradient taken in. */
  measure(
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    direction: Float64Array,
    along: TrackedColumns,
    { pending, staleness, fastRate, slowRate }: SketchContext,
  ): void {
    const gradients = this.#cut(gradient);
    const nows = this.#cut(newest);
    const thens = this.#cut(origin);
    const sums = this.#sums;
    sums.fill(0);
    for (let index = 0; index < this.#parts.length; index++) {
      const part = this.#parts[index] as SketchedRows;
      const { columns, signs: weights, first } = part;
      this.#kernels.rankOneSums(
        gradients[index] as Float32Array,
        nows[index] as Float32Array,
        thens[index] as Float32Array,
        weights,
        columns.projections,
      );
      columns.follow(pending, fastRate, slowRate);
      let overlap = 0;
      for (let row = 0; row < weights.length; row++)
        overlap += (weights[row] as number) * (direction[first + row] as number);
      part.overlap = overlap;
      for (let column = 0; column < along.gradient.length; column++) {
        const g = rest(columns.gradient, along.gradient, column, overlap);
        const average = rest(columns.average, along.average, column, overlap);
        const y = rest(columns.y, along.y, column, overlap);
        const s = rest(columns.s, along.s, column, overlap);
        add(sums, 0, s * y);
        add(sums, 1, s * s);
        add(sums, 2, s * g);
        add(sums, 3, g * g);
        add(sums, 4, average * average);
      }
    }
    this.curvature.measure(
      sums,
      staleness,
      noiseOfAverage(fastRate),
      noiseOfDifference(fastRate, slowRate),
    );
  }

  /**
   * Takes in a step of descent: `step` times scale g + damping (newest - origin), and `along` the
   * direction, a number a column.
   */
  move(step: number, scale: number, damping: number, along: Float64Array): void {
    for (let index = 0; index < this.#parts.length; index++) {
      const { columns, overlap } = this.#parts[index] as SketchedRows;
      for (let column = 0; column < along.length; column++) {
        const beside =
          scale * (columns.gradient[column] as number) +
          damping * (columns.moved[column] as number);
        columns.move(column, step * (beside + overlap * (along[column] as number)));
      }
    }
  }
}

/** How a gradient is taken into the averages of a sketch. */
export interface SketchContext {
  pending: number;
  /** Averaged. */
  staleness: number;
  fastRate: number;
  slowRate: number;
}

/** What a sum of rows has beside the direction. */
const rest = (whole: Float64Array, along: Float64Array, column: number, overlap: number): number =>
  (whole[column] as number) - overlap * (along[column] as number);

function add(sums: Float64Array, place: number, term: number): void {
  sums[place] = (sums[place] as number) + term;
}

/** Always the same signs: the highest bit of a linear congruential generator (Numerical Recipes). */
function signs(): () => number {
  let state = 12345;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state < 0 ? -1 : 1;
  };
}
