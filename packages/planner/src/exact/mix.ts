import type { Effort } from "../effort.js";
import type { Problem } from "../problem.js";
import { Tally } from "../tally.js";
import type { WorkerConfiguration } from "../worker.js";
import type { CaseBound, TightBound } from "./bound.js";
import { type Case, choose, configurationOf } from "./relax.js";

/** The worker of a relaxed optimum, once as it is and once covering what the bound counts on. */
function workersOf(one: Case, { priced, covered, price }: CaseBound) {
  const { best } = priced;
  const stages = new Set(covered);
  const places = best.periods.map((period) => one.choices.periods.indexOf(period));
  const leader = choose(one, best.side, places, price, (stage) => stages.has(stage));
  return { plain: configurationOf(one, best), leader: configurationOf(one, leader) };
}

/**
 * A good configuration from the two relaxed optima beside the budget: as many workers as fit like
 * the one that is over it, the others like the one within it, of which one covers the stages.
 * @returns null where not even the fleet within the budget fits in truth.
 */
export function mix(
  problem: Problem,
  one: Case,
  budget: number,
  effort: Effort,
  { over, within, tight }: TightBound,
): Tally | null {
  const low = workersOf(one, within ?? tight);
  const high = workersOf(one, over ?? within ?? tight);
  const fleet = (rich: number): Tally => {
    const workers: WorkerConfiguration[] = [];
    if (rich < one.count) workers.push(low.leader);
    else workers.push(high.leader);
    while (workers.length < one.count)
      workers.push(workers.length <= rich && rich < one.count ? high.plain : low.plain);
    if (rich === one.count) workers.fill(high.plain, 1);
    return new Tally(problem, workers, effort);
  };
  let [fits, exceeds] = [-1, one.count + 1];
  let best: Tally | null = null;
  while (exceeds - fits > 1) {
    const rich = Math.floor((fits + exceeds) / 2);
    const tally = fleet(rich);
    if (tally.score.memory <= budget) {
      fits = rich;
      if (best === null || tally.score.rate > best.score.rate) best = tally;
    } else exceeds = rich;
  }
  return best;
}
