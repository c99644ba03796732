import type { Effort } from "../effort.js";
import type { Side, Terms } from "./terms.js";

/**
 * Max of gain - price * bytes over one worker of one side whose stages may each have any period,
 * whatever the others have: no less than over chains, and quick, since of the periods with equal
 * stash only the least matters.
 *
 * @param interval ms between two of the worker's items
 */
export function looseSurplus(
  terms: Terms,
  side: Side,
  interval: number,
  price: number,
  effort: Effort,
): number {
  const { stageCount } = terms;
  let total = 0;
  let steps = 0;
  for (let stage = 0; stage < stageCount; stage += 1) {
    const behind = stageCount - stage;
    let most = Number.NEGATIVE_INFINITY;
    for (let period = 1; period <= behind; ) {
      const stash = terms.stash(stage, period);
      const buffers = terms.buffers(side, stage, stash);
      const ladder = terms.ladder(stage, stash);
      steps += 2 + ladder.length;
      for (const { accumulate, groups } of ladder) {
        const bytes = buffers + groups * terms.weight(stage);
        const gain = terms.value(side, stage, period, accumulate) / interval;
        most = Math.max(most, gain - price * bytes);
      }
      if (stash === 1 || stage === stageCount - 1) break;
      // The least period of the next smaller stash.
      period = Math.ceil(behind / (stash - 1));
    }
    total += most;
  }
  effort.spend(2 * steps);
  return total;
}

/**
 * Quick bounds on R for all numbers of workers of one partition, [mayRecompute][count - 1]: as in
 * `boundAt`, but every period allowed and every stage covered at no cost. The least over `prices`.
 */
export function looseBounds(
  terms: Terms,
  budget: number,
  prices: readonly number[],
  effort: Effort,
): [number[], number[]] {
  const bounds: [number[], number[]] = [[], []];
  for (const price of prices) {
    const known = new Map<string, number>();
    const surplus = (side: Side, count: number) => {
      const interval = terms.interval(side, count);
      const key = `${side} ${interval}`;
      const found = known.get(key) ?? looseSurplus(terms, side, interval, price, effort);
      known.set(key, found);
      return found;
    };
    for (let count = 1; count <= terms.fullWorkers; count += 1)
      for (const recompute of [0, 1] as const) {
        let room = budget - terms.base(count, recompute === 1);
        for (let stage = 0; stage < terms.stageCount; stage += 1)
          room += terms.coverSaving(count, stage);
        const plain = surplus(0, count);
        const best = recompute === 1 ? Math.max(plain, surplus(1, count)) : plain;
        const bound = price * room + count * best;
        const known = bounds[recompute];
        known[count - 1] = Math.min(known[count - 1] ?? Number.POSITIVE_INFINITY, bound);
      }
    effort.spend(4 * terms.fullWorkers * terms.stageCount);
  }
  return bounds;
}
