import { bestChain, type Chains, omitOf } from "../chain.js";
import type { Effort } from "../effort.js";
import type { Side, StageTerms } from "../stage-terms.js";
import type { Choices } from "./choices.js";
import type { LooseBounds } from "./loose.js";
import { sidesOf } from "./sides.js";

/** A partition with a number of workers, of which some may recompute or none does. */
export interface Case {
  readonly terms: StageTerms;
  readonly choices: Choices;
  readonly loose: LooseBounds;
  readonly count: number;
  readonly mayRecompute: boolean;
}

/** One worker's choice by stage, with its value per millisecond and the bytes that it adds. */
export interface WorkerChoice {
  readonly side: Side;
  /** Indices into `Choices.accumulate`. */
  readonly indices: readonly number[];
  readonly periods: readonly number[];
  readonly gain: number;
  readonly bytes: number;
}

/** The best single worker for a price on bytes. */
export interface Priced {
  /** The best sum of (gain - price * bytes) and how to complete any part of a chain. */
  readonly chains: ReadonlyMap<Side, Chains>;
  readonly best: WorkerChoice;
  readonly surplus: number;
  /** By stage: the least surplus that a worker gives up by covering it. */
  readonly coverLoss: readonly number[];
}

/** Bytes of a choice beside the table's, which is made for several workers. */
export function loneBytes({ terms, count, choices }: Case, stage: number, index: number): number {
  if (count > 1) return 0;
  const { accumulate, groups } = choices;
  return terms.loneBytes(stage, accumulate[index] as number, groups[index] as number);
}

/** About this many choices are priced in the time of one step. */
const stepsAtOnce = 3;

/** Maximises gain - price * bytes over all choices of one worker. */
export function priceWorker(one: Case, price: number, effort: Effort): Priced {
  const { terms, choices, count } = one;
  const { stageCount } = terms;
  const width = choices.periods.length;
  const coverLoss = new Array<number>(stageCount).fill(Number.POSITIVE_INFINITY);
  const chains = new Map<Side, Chains>();
  for (const side of sidesOf(count, one.mayRecompute)) {
    const scores = new Float64Array(stageCount * width);
    const value = choices.value[side];
    const bytes = choices.bytes[side];
    const pace = 1 / terms.interval(side, count);
    for (let stage = 0; stage < stageCount; stage += 1) {
      const most = stage === stageCount - 1 ? 1 : width;
      let leastLoss = coverLoss[stage] as number;
      for (let place = 0; place < most; place += 1) {
        const first = choices.start[stage * width + place] as number;
        const end = choices.start[stage * width + place + 1] as number;
        // The first choice is the one without accumulation.
        const scoreOf = (index: number) =>
          (value[index] as number) * pace -
          price * ((bytes[index] as number) + loneBytes(one, stage, index));
        const off = scoreOf(first);
        let covering = Number.NEGATIVE_INFINITY;
        for (let index = first + 1; index < end; index += 1) {
          const score = scoreOf(index);
          if (score > covering) covering = score;
        }
        scores[stage * width + place] = Math.max(off, covering);
        leastLoss = Math.min(leastLoss, Math.max(0, off - covering));
      }
      coverLoss[stage] = leastLoss;
    }
    chains.set(side, bestChain(stageCount, choices.multiples, scores));
    effort.spend((choices.accumulate.length + 2 * stageCount * width) / stepsAtOnce);
  }
  const totalOf = (of: Side) => chains.get(of)?.total ?? Number.NEGATIVE_INFINITY;
  const side: Side = totalOf(1) > totalOf(0) ? 1 : 0;
  const { places, total } = chains.get(side) as Chains;
  return {
    chains,
    best: choose(one, side, places, price, () => false),
    surplus: total,
    coverLoss,
  };
}

/** The best c^a for given periods; at least 2 at the stages that must be covered. */
export function choose(
  one: Case,
  side: Side,
  places: readonly number[],
  price: number,
  mustCover: (stage: number) => boolean,
): WorkerChoice {
  const { terms, choices, count } = one;
  const width = choices.periods.length;
  const pace = 1 / terms.interval(side, count);
  const scoreOf = (stage: number, index: number) =>
    (choices.value[side][index] as number) * pace -
    price * ((choices.bytes[side][index] as number) + loneBytes(one, stage, index));
  const indices = places.map((place, stage) => {
    const first = choices.start[stage * width + place] as number;
    const end = choices.start[stage * width + place + 1] as number;
    let best = mustCover(stage) ? first + 1 : first;
    for (let index = best + 1; index < end; index += 1)
      if (scoreOf(stage, index) > scoreOf(stage, best)) best = index;
    return best;
  });
  const periods = places.map((place) => choices.periods[place] as number);
  return workerChoice(one, side, indices, periods);
}

export function workerChoice(
  one: Case,
  side: Side,
  indices: readonly number[],
  periods: readonly number[],
): WorkerChoice {
  const { terms, choices, count } = one;
  let value = 0;
  let bytes = 0;
  indices.forEach((index, stage) => {
    value += choices.value[side][index] as number;
    bytes += (choices.bytes[side][index] as number) + loneBytes(one, stage, index);
  });
  return { side, indices, periods, gain: value / terms.interval(side, count), bytes };
}

export function configurationOf({ choices }: Case, { side, indices, periods }: WorkerChoice) {
  return {
    recompute: side === 1,
    accumulate: indices.map((index) => choices.accumulate[index] as number),
    omit: omitOf(periods),
  };
}
