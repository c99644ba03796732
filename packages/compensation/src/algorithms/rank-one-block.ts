import type { CompensationContext } from "../contract.js";
import type { RankOneKernels, VectorKernels } from "../kernels/contract.js";
import { rankOneKernelsOf } from "../kernels/reference-rank-one.js";
import { secantKernelsOf } from "../kernels/reference-secant.js";
import { curvatureNumbers, PartCurvature, partSums } from "./block-curvature.js";
import { Direction } from "./direction.js";
import type { ParameterBlock } from "./parameter-blocks.js";
import {
  alongFactor,
  alongReach,
  dampingOf,
  fastWindow,
  shareOf,
  shorten,
  slowWindow,
  unknownAlongReach,
  usualStaleness,
} from "./secant-rules.js";

/** Strength of the delay-adaptive scale. */
const delayStrength = 2;
/** With numbers up to here, a repaired gradient is finite where the gradient and weights are. */
const mostModest = 1e18;
/** Gradients after which the norm of the weights is looked at again, once a few have come. */
const normInterval = 16;

/** Numbers a column. */
const columnNumbers = 6;
/** Numbers beside those: gradients so far, their staleness averaged, the weights' norm. */
const blockNumbers = 3;

/** Repairs the part of a gradient that belongs to one block of parameters. */
export interface RankOneBlock {
  /** Where `step` is 0, `destination` gets the repaired gradient; else `newest - step * repaired`. */
  repair(
    destination: Float32Array,
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    context: CompensationContext,
    step: number,
  ): void;
}

/** @param numbers gives zeroed numbers, kept. */
export function rankOneBlock(
  block: ParameterBlock,
  numbers: (count: number) => Float64Array,
  kernels: VectorKernels,
): RankOneBlock {
  // A gradient of one column is all along itself: nothing in it tells of a direction of many.
  return block.columns < 2 ? new PlainBlock(kernels) : new MatrixBlock(block, numbers, kernels);
}

const delayScale = ({ staleness, learningRate }: CompensationContext): number =>
  1 / (1 + delayStrength * staleness * learningRate);

/** Parameters of no shape. */
class PlainBlock implements RankOneBlock {
  readonly #kernels: VectorKernels;

  constructor(kernels: VectorKernels) {
    this.#kernels = kernels;
  }

  repair(
    destination: Float32Array,
    gradient: Float32Array,
    newest: Float32Array,
    _origin: Float32Array,
    context: CompensationContext,
    step: number,
  ): void {
    const scale = delayScale(context);
    if (step !== 0) this.#kernels.sgd(destination, newest, gradient, step * scale);
    // g - (1 - scale) g: descent along the gradient itself.
    else if (scale !== 1) this.#kernels.sgd(gradient, gradient, gradient, 1 - scale);
  }
}

class MatrixBlock implements RankOneBlock {
  readonly #kernels: VectorKernels;
  readonly #matrixKernels: RankOneKernels;
  readonly #seen: Float64Array;
  readonly #curvature: PartCurvature;
  readonly #direction: Direction;
  /** Where descent is, a number a column as the next ones. */
  readonly #position: Float64Array;
  /** What descent has come to since the newest weights, which do not hold it yet. */
  readonly #waiting: Float64Array;
  readonly #fastGradient: Float64Array;
  readonly #slowGradient: Float64Array;
  readonly #fastOrigin: Float64Array;
  readonly #slowOrigin: Float64Array;
  readonly #sums = partSums();
  /** Of the gradient, then of the change since. */
  readonly #projections: Float64Array;
  readonly #gradient: Float64Array;
  readonly #change: Float64Array;
  readonly #repaired: Float64Array;

  constructor(
    { rows, columns }: ParameterBlock,
    numbers: (count: number) => Float64Array,
    kernels: VectorKernels,
  ) {
    this.#kernels = kernels;
    this.#matrixKernels = rankOneKernelsOf(kernels);
    this.#seen = numbers(blockNumbers);
    this.#curvature = new PartCurvature(numbers(curvatureNumbers / 2), false);
    this.#direction = new Direction(numbers(rows), secantKernelsOf(kernels));
    const kept = numbers(columnNumbers * columns);
    [
      this.#position,
      this.#waiting,
      this.#fastGradient,
      this.#slowGradient,
      this.#fastOrigin,
      this.#slowOrigin,
    ] = Array.from({ length: columnNumbers }, (_, index) =>
      kept.subarray(index * columns, (index + 1) * columns),
    ) as [Columns, Columns, Columns, Columns, Columns, Columns];
    this.#projections = new Float64Array(2 * columns);
    this.#gradient = this.#projections.subarray(0, columns);
    this.#change = this.#projections.subarray(columns);
    this.#repaired = new Float64Array(columns);
  }

  repair(
    destination: Float32Array,
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    context: CompensationContext,
    step: number,
  ): void {
    const { staleness, learningRate, pending = 0 } = context;
    const direction = this.#direction;
    const seen = this.#seen;
    const count = (seen[0] as number) + 1;
    const usual = usualStaleness(seen[1] as number, staleness, count);
    if (count < 2 * normInterval || count % normInterval === 0)
      seen[2] = Math.sqrt(this.#kernels.squaredNorm(newest));
    seen[0] = count;
    seen[1] = usual;
    direction.start();
    const { values } = direction;
    this.#matrixKernels.rankOneSums(gradient, newest, origin, values, this.#projections);
    direction.follow(gradient, this.#gradient);
    // The first gradient is what its averages begin at.
    const fastRate = count > 1 ? 1 / (1 + fastWindow * usual) : 1;
    const slowRate = count > 1 ? 1 / (1 + slowWindow * usual) : 1;
    if (pending === 0) this.#waiting.fill(0);
    const share = this.#measure(usual, fastRate, slowRate);
    const scale = delayScale(context);
    const isModest = this.#chooseRepair(staleness, learningRate, share, scale);
    // Numbers out of all measure, as weights near the end of their range give, repair nothing.
    if (!isModest) this.#repaired.fill(0);
    this.#matrixKernels.rankOneRepair(
      destination,
      gradient,
      newest,
      scale,
      values,
      this.#repaired,
      step,
    );
    if (isModest) direction.turn();
  }

  /** Takes a gradient into averages and curvature; gives how much of y repairs the change. */
  #measure(staleness: number, fastRate: number, slowRate: number): number {
    const gradient = this.#gradient;
    const change = this.#change;
    const sums = this.#sums;
    sums.fill(0);
    let [products, changes] = [0, 0];
    for (let column = 0; column < gradient.length; column++) {
      const g = gradient[column] as number;
      const d = (change[column] as number) + (this.#waiting[column] as number);
      const then = (this.#position[column] as number) - d;
      const fast = towards(this.#fastGradient, column, g, fastRate);
      const y = fast - towards(this.#slowGradient, column, g, slowRate);
      const place = towards(this.#fastOrigin, column, then, fastRate);
      const s = place - towards(this.#slowOrigin, column, then, slowRate);
      change[column] = d;
      add(sums, 0, s * y);
      add(sums, 1, s * s);
      add(sums, 2, s * g);
      add(sums, 3, g * g);
      add(sums, 4, fast * fast);
      products += s * d;
      changes += d * d;
    }
    this.#curvature.measure(sums, staleness, fastRate, slowRate);
    return this.#curvature.isKnown ? shareOf(products, sums[1] as number, changes) : 0;
  }

  /** What is to be added along the direction; false where that is out of all measure. */
  #chooseRepair(staleness: number, learningRate: number, share: number, scale: number): boolean {
    const curvature = this.#curvature;
    const { isKnown } = curvature;
    const delay = staleness * learningRate;
    const taken = curvature.curvature * alongFactor(curvature.turn);
    const damping = dampingOf(taken, delay, learningRate);
    const reach = isKnown ? alongReach : unknownAlongReach;
    const most = (reach * (this.#seen[2] as number)) / Math.sqrt(this.#direction.values.length);
    const step = delay * Math.sqrt(this.#sums[3] as number);
    const held = !isKnown || damping > 0 ? shorten(step, most) : 1;
    let isModest = true;
    for (let column = 0; column < this.#gradient.length; column++) {
      const g = this.#gradient[column] as number;
      const s = (this.#fastOrigin[column] as number) - (this.#slowOrigin[column] as number);
      const y = (this.#fastGradient[column] as number) - (this.#slowGradient[column] as number);
      const change = (this.#change[column] as number) - share * s;
      const repaired = held * (g + damping * change) + share * y;
      const added = repaired - scale * g;
      if (!(Math.abs(added) <= mostModest)) isModest = false;
      this.#repaired[column] = added;
      add(this.#position, column, -learningRate * repaired);
      add(this.#waiting, column, -learningRate * repaired);
    }
    return isModest;
  }
}

type Columns = Float64Array;

/** Moves an average on, and gives it. */
function towards(averages: Columns, column: number, value: number, rate: number): number {
  const average = averages[column] as number;
  const next = average + rate * (value - average);
  averages[column] = next;
  return next;
}

function add(sums: Float64Array, place: number, term: number): void {
  sums[place] = (sums[place] as number) + term;
}
