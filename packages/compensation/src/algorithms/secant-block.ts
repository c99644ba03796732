import type { CompensationContext } from "../contract.js";
import type { SecantArguments, SecantKernels } from "../vector-kernels.js";
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
  fastWindow,
  shareAhead,
  shareOf,
  shorten,
  slowWindow,
  unknownAlongReach,
  unknownBesideReach,
  updatesAhead,
  usualStaleness,
} from "./secant-rules.js";

/**
 * A fast and a slow moving average of a block's gradients, then of the weights that they were
 * computed with.
 */
export type SecantAverages = readonly [Float32Array, Float32Array, Float32Array, Float32Array];

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
  /** What its kernels are handed; the first three arrays are those of each gradient. */
  readonly #call: SecantArguments;
  /** Gradients so far, and their staleness, averaged. */
  readonly #seen: Float64Array;
  /** Of the part along the direction, and of the rest; of the whole block where it is no matrix. */
  readonly #alongCurvature: PartCurvature;
  readonly #besideCurvature: PartCurvature;
  readonly #direction: Direction;
  readonly #lead: Lead;
  readonly #settings = new Float64Array(8);
  readonly #sums = new Float64Array(8);
  /** Of g, its fast average, y, s and d along the direction, a number a column each. */
  readonly #projections: Float64Array;
  readonly #along: readonly Float64Array[];
  readonly #alongSums = partSums();
  readonly #besideSums = partSums();
  readonly #repair: Float64Array;
  readonly #leadColumns: Float64Array;

  constructor(
    block: ParameterBlock,
    averages: SecantAverages,
    numbers: Float64Array,
    kernels: SecantKernels,
  ) {
    const { rows, columns } = block;
    const besideStart = 2 + curvatureNumbers / 2;
    const directionStart = 2 + curvatureNumbers;
    const leadStart = directionStart + rows;
    this.#kernels = kernels;
    this.#seen = numbers.subarray(0, 2);
    this.#alongCurvature = new PartCurvature(numbers.subarray(2, besideStart), false);
    this.#besideCurvature = new PartCurvature(numbers.subarray(besideStart, directionStart), true);
    this.#direction = new Direction(numbers.subarray(directionStart, leadStart), kernels);
    this.#lead = new Lead(block, numbers.subarray(leadStart));
    this.#projections = new Float64Array(5 * columns);
    this.#along = Array.from({ length: 5 }, (_, index) =>
      this.#projections.subarray(index * columns, (index + 1) * columns),
    );
    const { rows: leadRows, columns: leadColumns } = this.#lead;
    const given = [...averages, this.#settings, leadRows, leadColumns] as const;
    const none = new Float32Array();
    this.#call = [none, none, none, ...given, this.#direction.values];
    this.#repair = new Float64Array(columns);
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
    const settings = this.#settings;
    const lead = this.#lead;
    const direction = this.#direction;
    const count = (this.#seen[0] as number) + 1;
    const usual = usualStaleness(this.#seen[1] as number, staleness, count);
    this.#seen[0] = count;
    this.#seen[1] = usual;
    direction.start();
    // The first gradient is what its averages begin at.
    settings[0] = count > 1 ? 1 / (1 + fastWindow * usual) : 1;
    settings[1] = count > 1 ? 1 / (1 + slowWindow * usual) : 1;
    settings[2] = lead.scale;
    this.#kernels.secantSums(...call, this.#projections, this.#sums);
    this.#measure(usual);
    this.#chooseRepair(staleness, learningRate, isPlain);
    const leadScale = isPlain ? this.#chooseLead(usual, learningRate) : this.#leadNowhere();
    direction.follow(gradient, this.#along[0] as Float64Array);
    // Numbers out of all measure, as weights near the end of their range give, repair nothing.
    if (!areModest(settings) || !areModest(this.#repair) || !areModest(this.#leadColumns)) return;
    this.#kernels.secantRepair(...call, this.#repair);
    lead.set(leadScale, direction.values, this.#leadColumns);
    direction.turn();
  }

  /** Whether the weights have ever moved between gradients. */
  get #isKnown(): boolean {
    return this.#alongCurvature.isKnown || this.#besideCurvature.isKnown;
  }

  /** Takes the sums apart into those along the direction and the rest. */
  #measure(staleness: number): void {
    const [g, fast, y, s] = this.#along as [Columns, Columns, Columns, Columns];
    const along = this.#alongSums;
    const beside = this.#besideSums;
    const sums = this.#sums;
    along.fill(0);
    for (let column = 0; column < g.length; column++) {
      const step = s[column] as number;
      const gradient = g[column] as number;
      const average = fast[column] as number;
      add(along, 0, step * (y[column] as number));
      add(along, 1, step * step);
      add(along, 2, step * gradient);
      add(along, 3, gradient * gradient);
      add(along, 4, average * average);
    }
    beside[0] = (sums[2] as number) - (along[0] as number);
    beside[1] = Math.max(0, (sums[3] as number) - (along[1] as number));
    beside[2] = (sums[7] as number) - (along[2] as number);
    beside[3] = Math.max(0, (sums[0] as number) - (along[3] as number));
    beside[4] = Math.max(0, (sums[1] as number) - (along[4] as number));
    const fastRate = this.#settings[0] as number;
    const slowRate = this.#settings[1] as number;
    this.#alongCurvature.measure(along, staleness, fastRate, slowRate);
    this.#besideCurvature.measure(beside, staleness, fastRate, slowRate);
  }

  #chooseRepair(staleness: number, learningRate: number, isPlain: boolean): void {
    const along = this.#alongCurvature;
    const beside = this.#besideCurvature;
    const isKnown = this.#isKnown;
    const settings = this.#settings;
    const sums = this.#sums;
    const delay = staleness * learningRate;
    const weights = Math.sqrt(sums[6] as number);
    const rows = this.#direction.values.length;
    const alongTaken = along.curvature * alongFactor(along.turn);
    const besideTaken = beside.curvature * besideFactor(beside.turn);
    const damping = isPlain ? dampingOf : dampingBehindOthers;
    const alongDamping = damping(alongTaken, delay, learningRate);
    const besideDamping = damping(besideTaken, delay, learningRate);
    const share = isKnown ? shareOf(sums[4] as number, sums[3] as number, sums[5] as number) : 0;

    const alongMost = ((isKnown ? alongReach : unknownAlongReach) * weights) / Math.sqrt(rows);
    const alongStep = delay * Math.sqrt(this.#alongSums[3] as number);
    const besideStep = delay * Math.sqrt(this.#besideSums[3] as number);
    // Where other optimizers make the steps, short gradients make short ones only at first.
    const isHeld = isPlain || !isKnown;
    const isAlongHeld = isHeld && (!isKnown || alongDamping > 0);
    const alongScale = isAlongHeld ? shorten(alongStep, alongMost) : 1;
    const besideMost = (isKnown ? besideReach : unknownBesideReach) * weights;
    const besideScale = isHeld ? shorten(besideStep, besideMost) : 1;

    settings[3] = besideScale;
    settings[4] = besideScale * besideDamping;
    settings[5] = share;
    const [g, , , s, d] = this.#along as [Columns, Columns, Columns, Columns, Columns];
    for (let column = 0; column < g.length; column++) {
      const own = g[column] as number;
      const change = (d[column] as number) - share * (s[column] as number);
      this.#repair[column] =
        alongScale * (own + alongDamping * change) - besideScale * (own + besideDamping * change);
    }
  }

  /** How many times the fast average the lead of a part is. */
  #leadOf(part: PartCurvature, staleness: number, learningRate: number): number {
    if (!this.#isKnown) return 0;
    const share = shareAhead(part.curvature * staleness * learningRate) * part.signal;
    return learningRate * updatesAhead(staleness, part.turn) * share;
  }

  /** A lead of nothing: what another optimizer makes of a gradient cannot put one in place. */
  #leadNowhere(): number {
    this.#settings[6] = -(this.#settings[4] as number);
    this.#settings[7] = 0;
    this.#leadColumns.fill(0);
    return 0;
  }

  /** Gives the new lead's scale, and puts its projection and what it does to the gradient in place. */
  #chooseLead(staleness: number, learningRate: number): number {
    const settings = this.#settings;
    const beside = this.#leadOf(this.#besideCurvature, staleness, learningRate);
    const along = this.#leadOf(this.#alongCurvature, staleness, learningRate);
    const perStep = learningRate > 0 ? 1 / learningRate : 0;
    settings[6] = perStep - (settings[4] as number);
    settings[7] = -beside * perStep;
    const fast = this.#along[1] as Columns;
    for (let column = 0; column < fast.length; column++) {
      const ahead = (beside - along) * (fast[column] as number);
      this.#leadColumns[column] = ahead;
      this.#repair[column] = (this.#repair[column] as number) - perStep * ahead;
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
