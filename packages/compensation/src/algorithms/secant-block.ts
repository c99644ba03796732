import type { CompensationContext } from "../contract.js";
import type { SecantArguments, SecantKernels } from "../kernels/secant.js";
import { curvatureNumbers, PartCurvature, partSums } from "./block-curvature.js";
import { Direction } from "./direction.js";
import { Lead, leadNumbers } from "./lead.js";
import type { ParameterBlock } from "./parameter-blocks.js";
import {
  alongFactor,
  alongReach,
  besideFactor,
  besideReach,
  dampingBehindOthers,
  dampingOf,
  noiseOfAverage,
  noiseOfDifference,
  shareAhead,
  shorten,
  slowWindow,
  unknownAlongReach,
  unknownBesideReach,
  updatesAhead,
  usualStaleness,
} from "./secant-rules.js";

/** A moving average of a block's gradients, then of the weights that they were computed with. */
export type SecantAverages = readonly [Float32Array, Float32Array];

/** With numbers up to here, a repaired gradient is finite where the gradient and weights are. */
const mostModest = 1e18;

/** Numbers that a block keeps. */
export const secantNumbers = (block: ParameterBlock): number =>
  2 + curvatureNumbers + block.rows + leadNumbers(block);

/**
 * What `secant` knows of a block of parameters, and its working space.
 *
 * A matrix has two curvatures. Activations are alike in all items, so that of a layer's loss, which
 * is about E[a a^T] (x) S (Martens and Grosse, arXiv 1503.05671), is large along the mean
 * activation, for each output, and small beside it.
 */
export class SecantBlock {
  readonly #kernels: SecantKernels;
  readonly #leadReach: number;
  /** What its kernels are handed; the first three arrays and the rate are those of each gradient. */
  readonly #call: SecantArguments;
  /** Gradients so far, and their staleness, averaged. */
  readonly #seen: Float64Array;
  /** Of the part along the direction, and of the rest; of the whole block where it is no matrix. */
  readonly #alongCurvature: PartCurvature;
  readonly #besideCurvature: PartCurvature;
  readonly #direction: Direction;
  readonly #lead: Lead;
  readonly #sums = new Float64Array(6);
  /** Of g, the average, s and d along the direction, a number a column each. */
  readonly #projections: Float64Array;
  readonly #along: readonly Float64Array[];
  readonly #alongSums = partSums();
  readonly #besideSums = partSums();
  /** What becomes of the whole gradient, see `SecantKernels`, and what is added along. */
  #scale = 1;
  #damping = 0;
  #leadFactor = 0;
  #nextLeadFactor = 0;
  readonly #added: Float64Array;
  readonly #leadColumns: Float64Array;

  constructor(
    block: ParameterBlock,
    averages: SecantAverages,
    numbers: Float64Array,
    kernels: SecantKernels,
    leadReach: number,
  ) {
    const { rows, columns } = block;
    const besideStart = 2 + curvatureNumbers / 2;
    const directionStart = 2 + curvatureNumbers;
    const leadStart = directionStart + rows;
    this.#kernels = kernels;
    this.#leadReach = leadReach;
    this.#seen = numbers.subarray(0, 2);
    this.#alongCurvature = new PartCurvature(numbers.subarray(2, besideStart), false);
    this.#besideCurvature = new PartCurvature(numbers.subarray(besideStart, directionStart), true);
    this.#direction = new Direction(numbers.subarray(directionStart, leadStart), kernels);
    this.#lead = new Lead(block, numbers.subarray(leadStart));
    this.#projections = new Float64Array(4 * columns);
    this.#along = Array.from({ length: 4 }, (_, index) =>
      this.#projections.subarray(index * columns, (index + 1) * columns),
    );
    const none = new Float32Array();
    const { rows: leadRows, columns: leadColumns } = this.#lead;
    const given = [leadRows, leadColumns, this.#direction.values] as const;
    this.#call = [none, none, none, ...averages, 1, 0, ...given];
    this.#added = new Float64Array(columns);
    this.#leadColumns = new Float64Array(columns);
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
    const lead = this.#lead;
    const count = (this.#seen[0] as number) + 1;
    const usual = usualStaleness(this.#seen[1] as number, staleness, count);
    this.#seen[0] = count;
    this.#seen[1] = usual;
    direction.start();
    // The first gradient is what its averages begin at.
    const averageRate = count > 1 ? 1 / (1 + slowWindow * usual) : 1;
    call[5] = averageRate;
    call[6] = lead.scale;
    this.#kernels.secantSums(...call, this.#projections, this.#sums);
    this.#measure(usual, averageRate);
    this.#chooseRepair(staleness, learningRate, isPlain);
    const leadScale = isPlain ? this.#chooseLead(usual, learningRate) : this.#leadNowhere();
    direction.follow(gradient, this.#along[0] as Float64Array);
    // Numbers out of all measure, as weights near the end of their range give, repair nothing.
    if (!this.#isModest) return;
    this.#kernels.secantRepair(
      ...call,
      this.#scale,
      this.#damping,
      this.#leadFactor,
      this.#nextLeadFactor,
      this.#added,
    );
    lead.set(leadScale, direction.values, this.#leadColumns);
    direction.turn();
  }

  /** Whether the weights have ever moved between gradients. */
  get #isKnown(): boolean {
    return this.#alongCurvature.isKnown || this.#besideCurvature.isKnown;
  }

  get #isModest(): boolean {
    const largest = Math.max(Math.abs(this.#damping), Math.abs(this.#leadFactor));
    return (
      this.#scale <= 1 &&
      Math.max(largest, Math.abs(this.#nextLeadFactor)) <= mostModest &&
      areModest(this.#added) &&
      areModest(this.#leadColumns)
    );
  }

  /** Takes the sums apart into those along the direction and the rest. */
  #measure(staleness: number, averageRate: number): void {
    const [g, average, s] = this.#along as [Columns, Columns, Columns];
    const along = this.#alongSums;
    const beside = this.#besideSums;
    const sums = this.#sums;
    along.fill(0);
    for (let column = 0; column < g.length; column++) {
      const step = s[column] as number;
      const gradient = g[column] as number;
      const usual = average[column] as number;
      add(along, 0, step * (gradient - usual));
      add(along, 1, step * step);
      add(along, 2, step * gradient);
      add(along, 3, gradient * gradient);
      add(along, 4, usual * usual);
    }
    beside[0] = (sums[2] as number) - (along[0] as number);
    beside[1] = Math.max(0, (sums[3] as number) - (along[1] as number));
    beside[2] = (sums[4] as number) - (along[2] as number);
    beside[3] = Math.max(0, (sums[0] as number) - (along[3] as number));
    beside[4] = Math.max(0, (sums[1] as number) - (along[4] as number));
    const noise = noiseOfAverage(averageRate);
    // Of y, which is the difference of one gradient and the average.
    const differenceNoise = noiseOfDifference(1, averageRate);
    this.#alongCurvature.measure(along, staleness, noise, differenceNoise);
    this.#besideCurvature.measure(beside, staleness, noise, differenceNoise);
  }

  #chooseRepair(staleness: number, learningRate: number, isPlain: boolean): void {
    const along = this.#alongCurvature;
    const beside = this.#besideCurvature;
    const isKnown = this.#isKnown;
    const delay = staleness * learningRate;
    const weights = Math.sqrt(this.#sums[5] as number);
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

  /** How many times the average of gradients the lead of a part is. */
  #leadOf(part: PartCurvature, staleness: number, learningRate: number): number {
    if (!this.#isKnown) return 0;
    const share = shareAhead(part.curvature * staleness * learningRate) * part.signal;
    return learningRate * updatesAhead(staleness, part.turn, this.#leadReach) * share;
  }

  /** A lead of nothing: what another optimizer makes of a gradient cannot put one in place. */
  #leadNowhere(): number {
    this.#leadFactor = -this.#damping;
    this.#nextLeadFactor = 0;
    this.#leadColumns.fill(0);
    return 0;
  }

  /** Gives the new lead's scale, and puts its projection and what it does to the gradient in place. */
  #chooseLead(staleness: number, learningRate: number): number {
    const beside = this.#leadOf(this.#besideCurvature, staleness, learningRate);
    const along = this.#leadOf(this.#alongCurvature, staleness, learningRate);
    const perStep = learningRate > 0 ? 1 / learningRate : 0;
    this.#leadFactor = perStep - this.#damping;
    this.#nextLeadFactor = -beside * perStep;
    const average = this.#along[1] as Columns;
    for (let column = 0; column < average.length; column++) {
      const ahead = (beside - along) * (average[column] as number);
      this.#leadColumns[column] = ahead;
      this.#added[column] = (this.#added[column] as number) - perStep * ahead;
    }
    return -beside;
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
