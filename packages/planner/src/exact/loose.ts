import type { Effort } from "../effort.js";
import { stashOf } from "../slots.js";
import type { Side, StageTerms } from "../stage-terms.js";
import { sidesOf } from "./sides.js";

/** A choice at one stage: the value of an item, and bytes. */
interface Choice {
  readonly value: number;
  readonly bytes: number;
}

/**
 * Choices at a stage that are no worse than any, whatever the periods of other stages: for each
 * number of items in flight the least period, with what may gather there told in three.
 *
 * ```
 * c^a = 1             stash - 1 groups    all the value
 * c^a >= stash - 1    one group           as of stash - 1
 * between             two groups or more  as of 2
 * ```
 *
 * @returns three lists, bytes rising in each
 */
function choicesAt(terms: StageTerms, side: Side, isAlone: boolean, stage: number): Choice[][] {
  const behind = terms.stageCount - stage;
  const weight = terms.weight(stage);
  const isLast = stage === terms.stageCount - 1;
  const lone = (accumulate: number, groups: number) =>
    isAlone ? terms.loneBytes(stage, accumulate, groups) : 0;
  const [plain, one, more]: [Choice[], Choice[], Choice[]] = [[], [], []];
  for (let period = 1; period <= behind; ) {
    const stash = stashOf(terms.stageCount, stage, period);
    const buffers = terms.buffers(side, stage, stash);
    const add = (to: Choice[], accumulate: number, bytes: number) =>
      to.push({ value: terms.value(side, stage, period, accumulate), bytes: buffers + bytes });
    add(plain, 1, (stash - 1) * weight + lone(1, stash - 1));
    if (isLast) break;
    add(one, Math.max(2, stash - 1), weight + lone(2, 1));
    if (stash > 3) add(more, 2, 2 * weight + lone(2, 2));
    if (stash === 1) break;
    // The least period of the next smaller stash: of periods with equal stash it is the best.
    period = Math.ceil(behind / (stash - 1));
  }
  return [plain.reverse(), one.reverse(), more.reverse()];
}

/** The corners of the concave hull over the choices, from the fewest bytes to the most value. */
function hullOf(lists: readonly Choice[][]): Choice[] {
  const hull: Choice[] = [];
  const places = lists.map(() => 0);
  for (;;) {
    let next: Choice | null = null;
    let from = 0;
    for (let list = 0; list < lists.length; list += 1) {
      const choice = lists[list]?.[places[list] as number];
      if (choice === undefined) continue;
      const isLess =
        next === null ||
        choice.bytes < next.bytes ||
        (choice.bytes === next.bytes && choice.value > next.value);
      if (!isLess) continue;
      next = choice;
      from = list;
    }
    if (next === null) return hull;
    places[from] = (places[from] as number) + 1;
    if (hull.length > 0 && next.value <= (hull[hull.length - 1] as Choice).value) continue;
    while (hull.length > 1) {
      const b = hull[hull.length - 1] as Choice;
      const a = hull[hull.length - 2] as Choice;
      if ((b.value - a.value) * (next.bytes - a.bytes) > slopeBase(a, b, next)) break;
      hull.pop();
    }
    // Of equal bytes in two lists the one with more value may come second.
    if (hull.length === 1 && next.bytes === (hull[0] as Choice).bytes) hull.pop();
    hull.push(next);
  }
}

function slopeBase(a: Choice, b: Choice, next: Choice): number {
  return (next.value - a.value) * (b.bytes - a.bytes);
}

/** For one worker: the fewest bytes with their value, and what more bytes add. */
interface Edges {
  readonly value: number;
  readonly bytes: number;
  readonly edges: { readonly values: number[]; readonly bytes: number[] };
}

/** The edges of the hulls of all stages. */
function fineEdges(terms: StageTerms, side: Side, isAlone: boolean, effort: Effort): Edges {
  let [value, bytes, steps] = [0, 0, 0];
  const edges: Edges["edges"] = { values: [], bytes: [] };
  for (let stage = 0; stage < terms.stageCount; stage += 1) {
    const choices = choicesAt(terms, side, isAlone, stage);
    for (const list of choices) steps += list.length;
    const hull = hullOf(choices);
    value += (hull[0] as Choice).value;
    bytes += (hull[0] as Choice).bytes;
    for (let corner = 1; corner < hull.length; corner += 1) {
      const [from, to] = [hull[corner - 1] as Choice, hull[corner] as Choice];
      edges.values.push(to.value - from.value);
      edges.bytes.push(to.bytes - from.bytes);
    }
  }
  effort.spend(stepsOfChoice * steps);
  return { value, bytes, edges };
}

/**
 * One edge a stage. With s items in flight a period is at least behind / s, so an item's value is
 * no more than in proportion to s; bytes are concave in s, so no less than on the line between
 * their ends. All choices lie below that line.
 */
function coarseEdges(terms: StageTerms, side: Side, isAlone: boolean, effort: Effort): Edges {
  const { stageCount } = terms;
  let [value, bytes] = [0, 0];
  const edges: Edges["edges"] = { values: [], bytes: [] };
  for (let stage = 0; stage < stageCount; stage += 1) {
    const behind = stageCount - stage;
    const whole = terms.itemValue(side, stage);
    const fewest = terms.buffers(side, stage, 1);
    value += whole / behind;
    bytes += fewest;
    if (behind === 1) break;
    const versions = Math.min(behind - 1, isAlone ? 2 : 1) * terms.weight(stage);
    const repaired = isAlone ? terms.repairBytes(stage) : 0;
    edges.values.push(whole - whole / behind);
    edges.bytes.push(terms.buffers(side, stage, behind) + versions + repaired - fewest);
  }
  effort.spend(stepsOfChoice * stageCount);
  return { value, bytes, edges };
}

/** About what a choice costs, in the steps of `Effort`. */
const stepsOfChoice = 4;

/**
 * The most value that an item can bring to one worker of one side, by its bytes, were the stages
 * free of one another: any period at any stage, and mixtures of two choices. The stages' concave
 * hulls, their edges sorted by value for a byte:
 *
 * ```
 * value |            ____----  each edge: one stage takes its next choice
 *       |      __----
 *       |   _/
 *       |  /
 *       +-----------------------> bytes
 * ```
 *
 * No less than any worker brings (Lagrangian relaxation of the chain of periods), and at a price on
 * bytes as quick as a look into a sorted list.
 */
class Envelope {
  /** Falling: value for a byte of each edge. */
  readonly #slopes: Float64Array;
  /** Sums up to each edge, the fewest bytes first. */
  readonly #values: Float64Array;
  readonly #bytes: Float64Array;

  constructor({ value, bytes, edges }: Edges) {
    const count = edges.values.length;
    const slopes = new Float64Array(count);
    const order = new Array<number>(count);
    for (let edge = 0; edge < count; edge += 1) {
      slopes[edge] = (edges.values[edge] as number) / (edges.bytes[edge] as number);
      order[edge] = edge;
    }
    // Edges of a hull fall in slope, so each stage's stay in order.
    order.sort((a, b) => (slopes[b] as number) - (slopes[a] as number));
    this.#slopes = new Float64Array(count);
    this.#values = new Float64Array(count + 1);
    this.#bytes = new Float64Array(count + 1);
    let [values, held] = [value, bytes];
    this.#values[0] = values;
    this.#bytes[0] = held;
    for (let place = 0; place < count; place += 1) {
      const edge = order[place] as number;
      this.#slopes[place] = slopes[edge] as number;
      values += edges.values[edge] as number;
      held += edges.bytes[edge] as number;
      this.#values[place + 1] = values;
      this.#bytes[place + 1] = held;
    }
  }

  /** No choice holds less. */
  get fewest(): number {
    return this.#bytes[0] as number;
  }

  /** The largest value - price * bytes. */
  surplus(price: number): number {
    const place = this.#edgesAbove(price);
    return (this.#values[place] as number) - price * (this.#bytes[place] as number);
  }

  /** The value of the edge on which so many bytes lie; 0 beyond the last one. */
  priceAt(bytes: number): number {
    let [low, high] = [0, this.#slopes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#bytes[middle + 1] as number) < bytes) low = middle + 1;
      else high = middle;
    }
    return this.#slopes[low] ?? 0;
  }

  #edgesAbove(price: number): number {
    let [low, high] = [0, this.#slopes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#slopes[middle] as number) > price) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A price on bytes, value per millisecond and byte, and the bound on R that it gives. */
export interface LooseBound {
  readonly price: number;
  readonly bound: number;
}

/** Halvings of the price between those of the two sides. */
const halvings = 10;

/**
 * Quick bounds on R for any number of workers of one partition: as in `boundAt`, but the stages free
 * of one another and every stage covered at no cost, at the best price on bytes.
 */
export class LooseBounds {
  readonly #terms: StageTerms;
  readonly #effort: Effort;
  /** By side, then of a lone worker, then of others. */
  readonly #known: Envelope[] = [];

  /** Bytes that no worker's choices fall below. */
  readonly #fewest: number;

  readonly #edgesOf: typeof fineEdges;

  /** @param isCoarse looks at the ends of each stage's choices alone, which is far quicker. */
  constructor(terms: StageTerms, isCoarse: boolean, effort: Effort) {
    this.#terms = terms;
    this.#edgesOf = isCoarse ? coarseEdges : fineEdges;
    this.#effort = effort;
    let fewest = 0;
    for (let stage = 0; stage < terms.stageCount; stage += 1)
      fewest += Math.min(terms.buffers(0, stage, 1), terms.buffers(1, stage, 1));
    this.#fewest = fewest;
  }

  /** The most value per millisecond of one of `count` workers, minus the price of its bytes. */
  surplus(count: number, mayRecompute: boolean, price: number): number {
    const sides = sidesOf(count, mayRecompute);
    let most = Number.NEGATIVE_INFINITY;
    for (const side of sides) {
      const interval = this.#terms.interval(side, count);
      most = Math.max(most, this.#envelope(side, count).surplus(price * interval) / interval);
    }
    return most;
  }

  /** @returns null where no such workers fit the budget. */
  bound(count: number, mayRecompute: boolean, budget: number): LooseBound | null {
    const terms = this.#terms;
    const room = budget - terms.base(count, mayRecompute) + terms.mostCoverSaving(count);
    const each = room / count;
    if (each < this.#fewest) return null;
    const sides = sidesOf(count, mayRecompute);
    const envelopes = sides.map((side) => this.#envelope(side, count));
    if (envelopes.every(({ fewest }) => fewest > each)) return null;
    this.#effort.spend(4 * halvings);
    const prices = envelopes.map(
      (envelope, index) => envelope.priceAt(each) / terms.interval(sides[index] as Side, count),
    );
    const at = (price: number): LooseBound => ({
      price,
      bound: price * room + count * this.surplus(count, mayRecompute, price),
    });
    let best = at(prices[0] as number);
    const offer = (next: LooseBound) => {
      if (next.bound < best.bound) best = next;
      return next.bound;
    };
    // One side alone is best at its own price; two of them somewhere between.
    if (sides.length > 1) {
      let [low, high] = [Math.min(...prices), Math.max(...prices)];
      offer(at(low));
      offer(at(high));
      for (let step = 0; step < halvings && high - low > 1e-6 * high; step += 1) {
        const [left, right] = [low + (high - low) / 3, high - (high - low) / 3];
        if (offer(at(left)) <= offer(at(right))) high = right;
        else low = left;
      }
    }
    return best;
  }

  /** The bound on R of all cases within the budget; 0 where none fits. */
  most(budget: number): number {
    let most = 0;
    for (const mayRecompute of [false, true])
      for (let count = 1; count <= this.#terms.fullWorkers; count += 1)
        most = Math.max(most, this.bound(count, mayRecompute, budget)?.bound ?? 0);
    return most;
  }

  /** A lone worker pays for what it covers, see `StageTerms`. */
  #envelope(side: Side, count: number): Envelope {
    const place = 2 * side + Number(count > 1);
    this.#known[place] ??= new Envelope(
      this.#edgesOf(this.#terms, side, count === 1, this.#effort),
    );
    return this.#known[place] as Envelope;
  }
}
