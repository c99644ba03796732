import type { CompensationContext } from "../contract.js";
import type { SecantArguments, SecantKernels } from "../kernels/contract.js";
import { curvatureNumbers, PartCurvature, partSums } from "./block-curvature.js";
import { Direction } from "./direction.js";
import type { ParameterBlock } from "./parameter-blocks.js";
import {
  alongFactor,
  alongReach,
  besideFactor,
  besideReach,
  dampingBehindOthers,
  dampingOf,
  shorten,
  slowWindow,
  unknownAlongReach,
  unknownBesideReach,
  usualStaleness,
} from "./secant-rules.js";

/** A moving average of a block's gradients, then of the weights that they were computed with. */
export type SecantAverages = readonly [Float32Array, Float32Array];

/** With numbers up to here, a repaired gradient is finite where the gradient and weights are. */
const mostModest = 1e18;

/** Numbers that a block keeps. */
export const secantNumbers = (block: ParameterBlock): number => 2 + curvatureNumbers + block.rows;

/**
 * What `secant` knows of a block of parameters, and its working space.
 *
 * A matrix has two curvatures. Activations are alike in all items, so that of a layer's loss, which
 * is about E[a a^T] (x) S (Martens and Grosse, arXiv 1503.05671), is large along the mean
 * activation, for each output, and small beside it.
 */
export class SecantBlock {
  readonly #kernels: SecantKernels;
  /** What its kernels are handed; the first three arrays and the rate are those of each gradient. */
  readonly #call: SecantArguments;
  /** Gradients so far, and their staleness, averaged. */
  readonly #seen: Float64Array;
  /** Of the part along the direction, and of the rest; of the whole block where it is no matrix. */
  readonly #alongCurvature: PartCurvature;
  readonly #besideCurvature: PartCurvature;
  readonly #direction: Direction;
  readonly #sums = new Float64Array(5);
  /** Of g, y, s and d along the direction, a number a column each. */
  readonly #projections: Float64Array;
  readonly #along: readonly Float64Array[];
  readonly #alongSums = partSums();
  readonly #besideSums = partSums();
  /** What becomes of the whole gradient, scale g + damping (newest - origin), and what is added along. */
  #scale = 1;
  #damping = 0;
  readonly #added: Float64Array;

  constructor(
    block: ParameterBlock,
    averages: SecantAverages,
    numbers: Float64Array,
    kernels: SecantKernels,
  ) {
    const { columns } = block;
    const besideStart = 2 + curvatureNumbers / 2;
    const directionStart = 2 + curvatureNumbers;
    this.#kernels = kernels;
    this.#seen = numbers.subarray(0, 2);
    this.#alongCurvature = new PartCurvature(numbers.subarray(2, besideStart), false);
    this.#besideCurvature = new PartCurvature(numbers.subarray(besideStart, directionStart), true);
    this.#direction = new Direction(numbers.subarray(directionStart), kernels);
    this.#projections = new Float64Array(4 * columns);
    this.#along = Array.from({ length: 4 }, (_, index) =>
      this.#projections.subarray(index * columns, (index + 1) * columns),
    );
    const none = new Float32Array();
    this.#call = [none, none, none, ...averages, 1];
    this.#added = new Float64Array(columns);
  }

  update(
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    { staleness, learningRate: rate, stepFactor }: CompensationContext,
  ): void {
    const isPlain = stepFactor === undefined;
    // What a gradient moves weights by in all; with plain descent by its own step.
    const learningRate = rate * (stepFactor ?? 1);
    const call = this.#call;
    call[0] = gradient;
    call[1] = newest;
    call[2] = origin;
    const direction = this.#direction;
    const count = (this.#seen[0] as number) + 1;
    const usual = usualStaleness(this.#seen[1] as number, staleness, count);
    this.#seen[0] = count;
    this.#seen[1] = usual;
    direction.start();
    // The first gradient is what its averages begin at.
    const averageRate = count > 1 ? 1 / (1 + slowWindow * usual) : 1;
    call[5] = averageRate;
    this.#kernels.secantSums(...call, direction.values, this.#projections, this.#sums);
    this.#measure(usual, averageRate);
    this.#chooseRepair(staleness, learningRate, isPlain);
    direction.follow(gradient, this.#along[0] as Float64Array);
    // Numbers out of all measure, as weights near the end of their range give, repair nothing.
    if (!(this.#scale <= 1 && Math.abs(this.#damping) <= mostModest && areModest(this.#added)))
      return;
    const added = this.#added;
    this.#kernels.secantRepair(...call, this.#scale, this.#damping, direction.values, added);
    direction.turn();
  }

  /** Whether the weights have ever moved between gradients. */
  get #isKnown(): boolean {
    return this.#alongCurvature.isKnown || this.#besideCurvature.isKnown;
  }

  /** Takes the sums apart into those along the direction and the rest. */
  #measure(staleness: number, averageRate: number): void {
    const [g, y, s] = this.#along as [Columns, Columns, Columns];
    const along = this.#alongSums;
    const beside = this.#besideSums;
    const sums = this.#sums;
    along.fill(0);
    for (let column = 0; column < g.length; column++) {
      const step = s[column] as number;
      const gradient = g[column] as number;
      add(along, 0, step * (y[column] as number));
      add(along, 1, step * step);
      add(along, 2, step * gradient);
      add(along, 3, gradient * gradient);
    }
    beside[0] = (sums[1] as number) - (along[0] as number);
    beside[1] = Math.max(0, (sums[2] as number) - (along[1] as number));
    beside[2] = (sums[3] as number) - (along[2] as number);
    beside[3] = Math.max(0, (sums[0] as number) - (along[3] as number));
    // The gradient itself is the fast average: one of a single gradient.
    along[4] = along[3] as number;
    beside[4] = beside[3];
    this.#alongCurvature.measure(along, staleness, 1, averageRate);
    this.#besideCurvature.measure(beside, staleness, 1, averageRate);
  }

  #chooseRepair(staleness: number, learningRate: number, isPlain: boolean): void {
    const along = this.#alongCurvature;
    const beside = this.#besideCurvature;
    const isKnown = this.#isKnown;
    const delay = staleness * learningRate;
    const weights = Math.sqrt(this.#sums[4] as number);
    const rows = this.#direction.values.length;
    const alongSquare = this.#alongSums[3] as number;
    const besideSquare = this.#besideSums[3] as number;
    // By the norm; `rank-one` eases by the square.
    const ease = Math.sqrt(along.ease(alongSquare));
    const alongTaken = along.curvature * alongFactor(along.turn) * ease;
    const besideTaken = beside.curvature * besideFactor(beside.turn);
    const damping = isPlain ? dampingOf : dampingBehindOthers;
    const alongDamping = damping(alongTaken, delay, learningRate);
    const besideDamping = damping(besideTaken, delay, learningRate);

    const alongMost = ((isKnown ? alongReach : unknownAlongReach) * weights) / Math.sqrt(rows);
    // Where other optimizers make the steps, short gradients make short ones only at first.
    const isHeld = isPlain || !isKnown;
    const isAlongHeld = isHeld && (!isKnown || alongDamping > 0);
    const alongScale = isAlongHeld ? shorten(delay * Math.sqrt(alongSquare), alongMost) : 1;
    const besideMost = (isKnown ? besideReach : unknownBesideReach) * weights;
    const besideScale = isHeld ? shorten(delay * Math.sqrt(besideSquare), besideMost) : 1;

    this.#scale = besideScale;
    this.#damping = besideScale * besideDamping;
    const [g, , , d] = this.#along as [Columns, Columns, Columns, Columns];
    for (let column = 0; column < g.length; column++) {
      const own = g[column] as number;
      const change = d[column] as number;
      this.#added[column] =
        alongScale * (own + alongDamping * change) - besideScale * (own + besideDamping * change);
    }
  }
}

type Columns = Float64Array;

function areModest(numbers: Float64Array): boolean {
  for (let index = 0; index < numbers.length; index++)
    if (!(Math.abs(numbers[index] as number) <= mostModest)) return false;
  return true;
}

function add(sums: Float64Array, place: number, term: number): void {
  sums[place] = (sums[place] as number) + term;
}
