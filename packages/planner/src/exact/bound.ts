import type { Effort } from "../effort.js";
import { type Case, type Priced, priceWorker } from "./relax.js";

/** A price on bytes and the bound on R that it proves. */
export interface CaseBound {
  /** Value per millisecond for one byte. */
  readonly price: number;
  /** No configuration of the case within the budget has a larger R. */
  readonly bound: number;
  readonly priced: Priced;
  /** Stages whose covering saves more than it gives up at this price. */
  readonly covered: readonly number[];
  /** R and bytes of the relaxed optimum: all workers alike, every stage in `covered` saved. */
  readonly rate: number;
  readonly memory: number;
}

/**
 * Lagrangian bound: with a price p on bytes instead of the budget, every worker decides alone, so
 *
 * ```
 * R <= p * (budget - base) + N max_worker (gain - p bytes) + Σ_i max(0, p saving_i - loss_i)
 * ```
 *
 * for any p >= 0. The last sum gives the saving of a covered stage away for the least that covering
 * costs any worker: each covered stage has a worker that accumulates there, and what that gives up
 * is at least loss_i, whatever its periods.
 */
function boundAt(one: Case, budget: number, price: number, effort: Effort): CaseBound {
  const priced = priceWorker(one, price, effort);
  const base = one.terms.base(one.count, one.mayRecompute);
  const covered: number[] = [];
  let rate = one.count * priced.best.gain;
  let memory = base + one.count * priced.best.bytes;
  const { isComplete } = one.choices;
  const surplus = isComplete
    ? priced.surplus
    : one.loose.surplus(one.count, one.mayRecompute, price);
  let bound = price * (budget - base) + one.count * surplus;
  for (let stage = 0; stage < one.terms.stageCount - 1; stage += 1) {
    const saving = one.terms.coverSaving(one.count, stage);
    // Without all periods the loss is not known to be the least.
    const loss = isComplete ? (priced.coverLoss[stage] as number) : 0;
    if (price * saving <= loss) continue;
    covered.push(stage);
    rate -= loss;
    memory -= saving;
    bound += price * saving - loss;
  }
  return { price, bound, priced, covered, rate, memory };
}

/** The relaxed optima on both sides of the budget, and the best bound. */
export interface TightBound {
  readonly tight: CaseBound;
  /** Relaxed optima that are over and within the budget; null where there is none. */
  readonly over: CaseBound | null;
  readonly within: CaseBound | null;
}

/** Steps of the price: at first by factors, then where two lines cross. */
const [mostFactors, mostCrossings] = [8, 40];

/** The first of those factors; each is the square of the one before. */
const firstFactor = 2;

/** Prices whose bound is within this share of the least one are as good. */
const closeness = 1e-3;

/**
 * The least bound over all prices, near enough. R <= rate + price * (budget - memory) of any relaxed
 * optimum is a line over the price: falling where it is over the budget, else rising. From `guess`
 * on, prices are tried in growing steps until there is a line of either kind; where the two cross
 * is the next price to try. Stops as soon as the bound falls below `floor`.
 * @returns null where nothing fits the budget.
 */
export function tighten(
  one: Case,
  budget: number,
  floor: number,
  guess: number,
  effort: Effort,
): TightBound | null {
  let tight = boundAt(one, budget, guess, effort);
  let over = tight.memory > budget ? tight : null;
  let within = over ? null : tight;
  const take = (next: CaseBound) => {
    if (next.bound < tight.bound) tight = next;
    if (next.memory > budget) over = next;
    else within = next;
  };
  let factor = firstFactor;
  for (let step = 0; step < mostFactors && !(over && within); step += 1) {
    if (tight.bound < floor) return { tight, over, within };
    const last: CaseBound = over ?? within ?? tight;
    if (last.price === 0) break;
    take(boundAt(one, budget, over ? last.price * factor : last.price / factor, effort));
    factor *= factor;
  }
  if (over === null) {
    take(boundAt(one, budget, 0, effort));
    if (over === null) return { tight, over, within };
  }
  if (within === null) {
    // At this price a single line of memory outweighs all value: the fewest bytes.
    const { rate } = boundAt(one, budget, 0, effort);
    take(boundAt(one, budget, rate, effort));
    if (within === null) return null;
  }
  for (let step = 0; step < mostCrossings && tight.bound >= floor; step += 1) {
    const [dear, cheap]: [CaseBound, CaseBound] = [within, over];
    const price = (cheap.rate - dear.rate) / (cheap.memory - dear.memory);
    if (!(price > 0)) break;
    // No price has a bound below the height at which the two lines cross.
    const crossing = cheap.rate + price * (budget - cheap.memory);
    if (tight.bound <= crossing * (1 + closeness)) break;
    const next = boundAt(one, budget, price, effort);
    take(next);
    if (next.bound <= crossing * (1 + closeness)) break;
  }
  return { tight, over, within };
}
