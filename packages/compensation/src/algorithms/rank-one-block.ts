import type { CompensationContext } from "../contract.js";
import type { RankOneKernels } from "../reference-rank-one.js";
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

const kept = 6;
const delayStrength = Number(process.env.R1_DS ?? 2);
const useShare = process.env.R1_SHARE !== "0";

/** Numbers that a block keeps. */
export const rankOneNumbers = ({ rows, columns }: ParameterBlock): number =>
  2 + curvatureNumbers / 2 + rows + kept * columns;

export class RankOneBlock {
  readonly #kernels: RankOneKernels;
  readonly #seen: Float64Array;
  readonly #curvature: PartCurvature;
  readonly #direction: Direction;
  /** A number a column each: where descent is, and averages. */
  readonly #position: Float64Array;
  readonly #fastGradient: Float64Array;
  readonly #slowGradient: Float64Array;
  readonly #fastOrigin: Float64Array;
  readonly #slowOrigin: Float64Array;
  readonly #waiting: Float64Array;
  readonly #sums = partSums();
  readonly #gradient: Float64Array;
  readonly #change: Float64Array;
  readonly #work: Float64Array;
  #weights = 0;

  constructor(block: ParameterBlock, numbers: Float64Array, kernels: RankOneKernels) {
    const { rows, columns } = block;
    this.#kernels = kernels;
    this.#seen = numbers.subarray(0, 2);
    const directionStart = 2 + curvatureNumbers / 2;
    this.#curvature = new PartCurvature(numbers.subarray(2, directionStart), false);
    this.#direction = new Direction(
      numbers.subarray(directionStart, directionStart + rows),
      kernels as never,
    );
    const column = (index: number) => {
      const start = directionStart + rows + index * columns;
      return numbers.subarray(start, start + columns);
    };
    this.#position = column(0);
    this.#fastGradient = column(1);
    this.#slowGradient = column(2);
    this.#fastOrigin = column(3);
    this.#slowOrigin = column(4);
    this.#waiting = column(5);
    this.#gradient = new Float64Array(columns);
    this.#change = new Float64Array(columns);
    this.#work = new Float64Array(columns);
  }

  update(
    gradient: Float32Array,
    newest: Float32Array,
    origin: Float32Array,
    { staleness, learningRate, pending = 0 }: CompensationContext,
  ): void {
    const kernels = this.#kernels;
    const scale = 1 / (1 + delayStrength * staleness * learningRate);
    const direction = this.#direction;
    if (direction.values.length === 0) {
      if (scale !== 1) kernels.sgd(gradient, gradient, gradient, 1 - scale);
      return;
    }
    const count = (this.#seen[0] as number) + 1;
    const usual = usualStaleness(this.#seen[1] as number, staleness, count);
    this.#seen[0] = count;
    this.#seen[1] = usual;
    direction.start();
    const g = this.#gradient;
    const d = this.#change;
    const work = this.#work;
    kernels.projectRows(gradient, direction.values, g);
    kernels.projectRows(newest, direction.values, d);
    kernels.projectRows(origin, direction.values, work);
    const waiting = this.#waiting;
    if (pending === 0) waiting.fill(0);
    for (let c = 0; c < d.length; c++)
      d[c] = (d[c] as number) - (work[c] as number) + (waiting[c] as number);
    const fastRate = count > 1 ? 1 / (1 + fastWindow * usual) : 1;
    const slowRate = count > 1 ? 1 / (1 + slowWindow * usual) : 1;
    const sums = this.#sums;
    sums.fill(0);
    let [shares, changes] = [0, 0];
    for (let c = 0; c < g.length; c++) {
      const then = (this.#position[c] as number) - (d[c] as number);
      const fast = towards(this.#fastGradient, c, g[c] as number, fastRate);
      const y = fast - towards(this.#slowGradient, c, g[c] as number, slowRate);
      const s =
        towards(this.#fastOrigin, c, then, fastRate) - towards(this.#slowOrigin, c, then, slowRate);
      const own = g[c] as number;
      add(sums, 0, s * y);
      add(sums, 1, s * s);
      add(sums, 2, s * own);
      add(sums, 3, own * own);
      add(sums, 4, fast * fast);
      shares += s * (d[c] as number);
      changes += (d[c] as number) * (d[c] as number);
    }
    const curvature = this.#curvature;
    curvature.measure(sums, usual, fastRate, slowRate);
    if (count % 16 === 1) this.#weights = Math.sqrt(kernels.squaredNorm(newest));
    const delay = staleness * learningRate;
    const { isKnown } = curvature;
    const taken = curvature.curvature * alongFactor(curvature.turn);
    const damping = dampingOf(taken, delay, learningRate);
    const share = isKnown && useShare ? shareOf(shares, sums[1] as number, changes) : 0;
    const most =
      ((isKnown ? alongReach : unknownAlongReach) * this.#weights) /
      Math.sqrt(direction.values.length);
    const step = delay * Math.sqrt(sums[3] as number);
    const alongScale = !isKnown || damping > 0 ? shorten(step, most) : 1;
    direction.follow(gradient, g);
    for (let c = 0; c < g.length; c++) {
      const own = g[c] as number;
      const s = (this.#fastOrigin[c] as number) - (this.#slowOrigin[c] as number);
      const y = (this.#fastGradient[c] as number) - (this.#slowGradient[c] as number);
      const change = (d[c] as number) - share * s;
      const repaired = alongScale * (own + damping * change) + share * y;
      this.#position[c] = (this.#position[c] as number) - learningRate * repaired;
      waiting[c] = (waiting[c] as number) - learningRate * repaired;
      work[c] = repaired - scale * own;
    }
    kernels.scaleAddOuter(gradient, scale, direction.values, work);
    direction.turn();
  }
}

function towards(averages: Float64Array, place: number, value: number, rate: number): number {
  const average = averages[place] as number;
  const next = average + rate * (value - average);
  averages[place] = next;
  return next;
}

function add(sums: Float64Array, place: number, term: number): void {
  sums[place] = (sums[place] as number) + term;
}
