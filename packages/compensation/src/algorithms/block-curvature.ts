import { matrixKernelsOf } from "../reference-matrix.js";
import type { MatrixKernels, VectorKernels } from "../vector-kernels.js";
import type { ParameterBlock } from "./parameter-blocks.js";

// Places in `numbers`: of the part along the direction, then of the rest, <s, y> and <s, s>
// averaged; measurements; gradients seen; gradients since a pair was kept; then the direction.
const along = 0;
const beside = 2;
const measured = 4;
const seen = 5;
const age = 6;
const first = 7;

/** Decay of the averages from one measurement to the next. */
const decay = 0.9;
/** Share of the way to a gradient's own direction that the direction goes. */
const turn = 0.1;

/** Numbers that the curvature of a block keeps. */
export const curvatureNumbers = ({ rows }: ParameterBlock): number => first + rows;

/**
 * The curvatures of a block of parameters, by secants over tau updates: two gradients g and the
 * weights theta that they were computed with differ by y and s, h = E<s, y> / E<s, s>. Both come
 * from items that had no part in s, so their noise averages out.
 *
 * A matrix has two. Activations are alike in all items, so the curvature of a layer's loss, which
 * is about that of E[a a^T] (x) S (Martens and Grosse, arXiv 1503.05671), is large along the mean
 * activation, for each output, and small beside it. A gradient is a sum of products of activations
 * and errors, so the mean activation is about its leading left singular vector v, which Oja's rule
 * follows from one gradient to the next.
 */
export class BlockCurvature {
  /** v, of length 1; empty where the block is no matrix. */
  readonly direction: Float64Array;
  readonly #numbers: Float64Array;
  readonly #kernels: VectorKernels;
  readonly #matrix: MatrixKernels;
  readonly #row: Float64Array;
  readonly #moved: Float64Array;
  readonly #changed: Float64Array;
  readonly #spare: Float64Array;
  readonly #sums = new Float64Array(2);

  constructor(block: ParameterBlock, numbers: Float64Array, kernels: VectorKernels) {
    this.#numbers = numbers;
    this.#kernels = kernels;
    this.#matrix = matrixKernelsOf(kernels);
    this.direction = numbers.subarray(first);
    this.#row = new Float64Array(block.rows);
    this.#moved = new Float64Array(block.columns);
    this.#changed = new Float64Array(block.columns);
    this.#spare = new Float64Array(block.columns);
  }

  get isKnown(): boolean {
    return (this.#numbers[measured] as number) > 0;
  }

  /** Along the direction, for each column. */
  get along(): number {
    return this.#ratio(along);
  }

  /** Beside it; of the whole block where it is no matrix. */
  get beside(): number {
    return this.#ratio(beside);
  }

  #ratio(place: number): number {
    const square = this.#numbers[place + 1] as number;
    return square > 0 ? (this.#numbers[place] as number) / square : 0;
  }

  /** Turns the direction towards that of `gradient`. */
  follow(gradient: Float32Array): void {
    const { direction } = this;
    if (direction.length === 0) return;
    if (direction.every((value) => value === 0)) direction.fill(1 / Math.sqrt(direction.length));
    this.#matrix.projectRows(gradient, direction, this.#moved);
    this.#matrix.projectColumns(gradient, this.#moved, this.#row);
    const length = norm(this.#row);
    if (!(length > 0)) return;
    for (let index = 0; index < direction.length; index++)
      direction[index] =
        (1 - turn) * (direction[index] as number) + (turn * (this.#row[index] as number)) / length;
    const scale = 1 / norm(direction);
    for (let index = 0; index < direction.length; index++)
      direction[index] = (direction[index] as number) * scale;
  }

  /** Takes in a gradient and the weights that it was computed with, once in tau updates. */
  measure(
    gradient: Float32Array,
    origin: Float32Array,
    keptGradient: Float32Array,
    keptOrigin: Float32Array,
    staleness: number,
  ): void {
    const numbers = this.#numbers;
    const count = (numbers[seen] as number) + 1;
    numbers[seen] = count;
    // The gradients after the first are computed with the same weights. The first one had a part in
    // s, so the first measurement comes out a little high, which is the safe side.
    if (count > 1 && count <= staleness + 1) return;
    const waited = numbers[age] as number;
    numbers[age] = waited + 1;
    if (waited > 0 && waited < Math.max(1, staleness)) return;
    numbers[age] = 1;
    let product = 0;
    let square = 0;
    const { direction } = this;
    if (waited > 0 && direction.length > 0) {
      this.projectChange(origin, keptOrigin, this.#moved);
      this.projectChange(gradient, keptGradient, this.#changed);
      for (let column = 0; column < this.#moved.length; column++) {
        const moved = this.#moved[column] as number;
        product += moved * (this.#changed[column] as number);
        square += moved * moved;
      }
    }
    const sums = this.#sums;
    this.#kernels.secant(gradient, origin, keptGradient, keptOrigin, sums);
    const [allProduct, allSquare] = sums as unknown as [number, number];
    if (waited === 0 || !(allSquare > 0) || !Number.isFinite(allProduct)) return;
    this.#average(along, product, square);
    this.#average(beside, allProduct - product, allSquare - square);
    numbers[measured] = (numbers[measured] as number) + 1;
  }

  #average(place: number, product: number, square: number): void {
    const numbers = this.#numbers;
    numbers[place] = decay * (numbers[place] as number) + (1 - decay) * product;
    numbers[place + 1] = decay * (numbers[place + 1] as number) + (1 - decay) * square;
  }

  /** The part of `later - earlier` along the direction, a number a column. */
  projectChange(later: Float32Array, earlier: Float32Array, projection: Float64Array): void {
    this.#matrix.projectRows(earlier, this.direction, this.#spare);
    this.#matrix.projectRows(later, this.direction, projection);
    for (let column = 0; column < projection.length; column++)
      projection[column] = (projection[column] as number) - (this.#spare[column] as number);
  }
}

function norm(vector: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < vector.length; index++)
    sum += (vector[index] as number) * (vector[index] as number);
  return Math.sqrt(sum);
}
