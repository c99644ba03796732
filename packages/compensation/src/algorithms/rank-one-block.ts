import type { CompensationContext } from "../contract.js";
import type { VectorKernels } from "../kernels/contract.js";
import { type RankOneKernels, rankOneKernelsOf } from "../kernels/rank-one.js";
import { secantKernelsOf } from "../kernels/secant.js";
import { BesideSketch, type SketchContext, sketchNumbers } from "./beside-sketch.js";
import { curvatureNumbers, PartCurvature, partSums } from "./block-curvature.js";
import { Direction } from "./direction.js";
import type { ParameterBlock } from "./parameter-blocks.js";
import {
  alongFactor,
  alongReach,
  besideFactor,
  besideReach,
  dampingOf,
  fastWindow,
  noiseOfAverage,
  noiseOfDifference,
  shorten,
  slowWindow,
  unknownAlongReach,
  unknownBesideReach,
  usualStaleness,
} from "./secant-rules.js";
import { TrackedColumns, trackedNumbers } from "./tracked-columns.js";

/** How much stronger measured curvature damps along the direction, where it is least. */
const alongLeast = 1.2;
/** Strength of the delay-adaptive scale. */
const delayStrength = 2;
/** With numbers up to here, a repaired gradient is finite where the gradient and weights are. */
const mostModest = 1e18;
/** Gradients after which the norm of the weights is looked at again, once a few have come. */
const normInterval = 16;

/** Numbers of a block beside those of its parts: gradients so far, their staleness averaged, the weights' norm. */
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
  numbers: (count: number, of: ParameterBlock) => Float64Array,
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
  readonly #direction: Direction;
  readonly #along: TrackedColumns;
  readonly #alongCurvature: PartCurvature;
  readonly #beside: BesideSketch;
  readonly #alongSums = partSums();
  readonly #rates: SketchContext = { pending: 0, staleness: 0, fastRate: 1, slowRate: 1 };
  /** What is added along the direction. */
  readonly #added: Float64Array;
  /** What becomes of the whole gradient: scale g + damping (newest - origin). */
  #scale = 1;
  #damping = 0;

  constructor(
    block: ParameterBlock,
    numbers: (count: number, of: ParameterBlock) => Float64Array,
    kernels: VectorKernels,
  ) {
    const { rows, columns } = block;
    this.#kernels = kernels;
    this.#matrixKernels = rankOneKernelsOf(kernels);
    this.#seen = numbers(blockNumbers, block);
    this.#direction = new Direction(numbers(rows, block), secantKernelsOf(kernels));
    this.#along = new TrackedColumns(numbers(trackedNumbers(columns), block), columns);
    this.#alongCurvature = new PartCurvature(numbers(curvatureNumbers / 2, block), false);
    this.#beside = new BesideSketch(
      block,
      numbers(sketchNumbers(block), block),
      this.#matrixKernels,
    );
    this.#added = new Float64Array(columns);
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
    const along = this.#along;
    const rates = this.#rates;
    const seen = this.#seen;
    const count = (seen[0] as number) + 1;
    const usual = usualStaleness(seen[1] as number, staleness, count);
    if (count < 2 * normInterval || count % normInterval === 0)
      seen[2] = Math.sqrt(this.#kernels.squaredNorm(newest));
    seen[0] = count;
    seen[1] = usual;
    // The first gradient is what its averages begin at.
    rates.fastRate = count > 1 ? 1 / (1 + fastWindow * usual) : 1;
    rates.slowRate = count > 1 ? 1 / (1 + slowWindow * usual) : 1;
    rates.staleness = usual;
    rates.pending = pending;
    direction.start();
    const { values } = direction;
    this.#matrixKernels.rankOneSums(gradient, newest, origin, values, along.projections);
    direction.follow(gradient, along.gradient);
    this.#measureAlong();
    this.#beside.measure(gradient, newest, origin, values, along, rates);
    this.#chooseBeside(staleness, learningRate, pending);
    const isModest = this.#chooseAlong(staleness, learningRate);
    // Numbers out of all measure, as weights near the end of their range give, repair nothing.
    if (!isModest) this.#leaveAsIs();
    this.#takeStep(learningRate);
    this.#matrixKernels.rankOneRepair(
      destination,
      gradient,
      newest,
      origin,
      this.#scale,
      this.#damping,
      values,
      this.#added,
      step,
    );
    if (isModest) direction.turn();
  }

  #measureAlong(): void {
    const { pending, staleness, fastRate, slowRate } = this.#rates;
    const along = this.#along;
    const sums = this.#alongSums;
    along.follow(pending, fastRate, slowRate);
    sums.fill(0);
    for (let column = 0; column < along.gradient.length; column++) {
      const g = along.gradient[column] as number;
      const average = along.average[column] as number;
      const y = along.y[column] as number;
      const s = along.s[column] as number;
      add(sums, 0, s * y);
      add(sums, 1, s * s);
      add(sums, 2, s * g);
      add(sums, 3, g * g);
      add(sums, 4, average * average);
    }
    this.#alongCurvature.measure(
      sums,
      staleness,
      noiseOfAverage(fastRate),
      noiseOfDifference(fastRate, slowRate),
    );
  }

  /** What is to become of the gradient where it is not along the direction. */
  #chooseBeside(staleness: number, learningRate: number, pending: number): void {
    const { curvature, square } = this.#beside;
    const delay = staleness * learningRate;
    const factor = besideFactor(curvature.turn) * curvature.ease(square);
    const taken = curvature.curvature * factor;
    const damping = dampingOf(taken, delay, learningRate);
    const isKnown = curvature.isKnown || this.#alongCurvature.isKnown;
    const most = (isKnown ? besideReach : unknownBesideReach) * (this.#seen[2] as number);
    const held = shorten(delay * Math.sqrt(square), most);
    // What waits in a group is not in the weights: about as many steps along this gradient.
    this.#scale = held / (1 + damping * pending * learningRate);
    this.#damping = held * damping;
  }

  /** What is to be added along the direction; false where that is out of all measure. */
  #chooseAlong(staleness: number, learningRate: number): boolean {
    const along = this.#along;
    const curvature = this.#alongCurvature;
    const { isKnown } = curvature;
    const delay = staleness * learningRate;
    const square = this.#alongSums[3] as number;
    const factor = alongFactor(curvature.turn, alongLeast) * curvature.ease(square);
    const taken = curvature.curvature * factor;
    const damping = dampingOf(taken, delay, learningRate);
    const reach = isKnown ? alongReach : unknownAlongReach;
    const most = (reach * (this.#seen[2] as number)) / Math.sqrt(this.#direction.values.length);
    const held = !isKnown || damping > 0 ? shorten(delay * Math.sqrt(square), most) : 1;
    let isModest = Math.abs(this.#damping) <= mostModest;
    for (let column = 0; column < along.gradient.length; column++) {
      const g = along.gradient[column] as number;
      const repaired = held * (g + damping * (along.change[column] as number));
      const beside = this.#scale * g + this.#damping * (along.moved[column] as number);
      const added = repaired - beside;
      if (!(Math.abs(added) <= mostModest)) isModest = false;
      this.#added[column] = added;
    }
    return isModest;
  }

  #leaveAsIs(): void {
    this.#scale = 1;
    this.#damping = 0;
    this.#added.fill(0);
  }

  #takeStep(learningRate: number): void {
    const along = this.#along;
    const scale = this.#scale;
    const damping = this.#damping;
    for (let column = 0; column < along.gradient.length; column++) {
      const beside =
        scale * (along.gradient[column] as number) + damping * (along.moved[column] as number);
      along.move(column, -learningRate * (beside + (this.#added[column] as number)));
    }
    this.#beside.move(-learningRate, scale, damping, this.#added);
  }
}

function add(sums: Float64Array, place: number, term: number): void {
  sums[place] = (sums[place] as number) + term;
}
