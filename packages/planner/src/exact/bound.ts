import type { Effort } from "../effort.js";
import { looseSurplus } from "./loose.js";
import { type Case, type Priced, priceWorker, sidesOf } from "./relax.js";

/** A price on bytes and the bound on R that it proves. */
export interface CaseBound {
  /** Value a millisecond for a byte. */
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
  const surplus = isComplete ? priced.surplus : looseOf(one, price, effort);
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

function looseOf(one: Case, price: number, effort: Effort): number {
  const { terms, count } = one;
  const surpluses = sidesOf(one).map((side) =>
    looseSurplus(terms, side, terms.interval(side, count), price, effort),
  );
  return Math.max(...surpluses);
}

/** The relaxed optima on both sides of the budget, and the best bound. */
export interface TightBound {
  readonly tight: CaseBound;
  /** Relaxed optima that are over and within the budget; null where there is none. */
  readonly over: CaseBound | null;
  readonly within: CaseBound | null;
}

/**
 * The least bound over all prices. R <= rate + price * (budget - memory) of any relaxed optimum is
 * a line over the price; where the steepest falling and rising lines known cross is the next
 * price to try. Stops as soon as the bound falls below `floor`.
 * @returns null where nothing fits the budget.
 */
export function tighten(
  one: Case,
  budget: number,
  floor: number,
  effort: Effort,
): TightBound | null {
  const free = boundAt(one, budget, 0, effort);
  if (free.memory <= budget) return { tight: free, over: null, within: free };
  // At this price a single line of memory outweighs all value: the fewest bytes.
  const dear = boundAt(one, budget, free.rate, effort);
  if (dear.memory > budget) return null;
  let [over, within] = [free, dear];
  let tight = free.bound < dear.bound ? free : dear;
  for (let step = 0; step < 40 && tight.bound >= floor; step += 1) {
    const price = (over.rate - within.rate) / (over.memory - within.memory);
    if (!(price > 0)) break;
    const next = boundAt(one, budget, price, effort);
    if (next.bound < tight.bound) tight = next;
    // Neither line can be improved upon: the two meet at the minimum.
    if (next.bound >= (over.rate + price * (budget - over.memory)) * (1 - 1e-12)) break;
    if (next.memory > budget) over = next;
    else within = next;
  }
  return { tight, over, within };
}
