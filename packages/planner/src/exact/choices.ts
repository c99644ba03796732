import { groupCount, stashOf } from "../slots.js";
import type { Side, StageTerms } from "../stage-terms.js";
import { accumulateLadder } from "../technique.js";

/** Partitions of more stages are searched over fewer periods first; see `periodsOf`. */
const mostStagesAtOnce = 96;

/** Those of even more stages are never searched over all. */
const mostStagesInFull = 400;

/** Whether a search over all periods may follow one over a few. */
export function mayLookCloser({ periods }: ChoiceShape, stageCount: number): boolean {
  return stageCount <= mostStagesInFull && periods.length < 2 * stageCount - 1;
}

/**
 * Periods to choose from, rising. All of 1 .. 2P - 1 are enough: let L_i be the last stage's that
 * is 2P or more; then some multiple of L_{i+1} in P .. 2P - 1, or L_{i+1} itself, holds one item as
 * well, serves all earlier stages too, and gives a larger R.
 *
 * Beyond 96 stages at first only the divisors of a number just above P that has many, so that a
 * chain stays quick to find; what that may lose is measured against a bound that lets every stage
 * have any period.
 */
function periodsOf(stageCount: number, isCloser: boolean): number[] {
  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
  if (isCloser || stageCount <= mostStagesAtOnce) return upTo(Math.max(1, 2 * stageCount - 1));
  const divisors = (whole: number) => upTo(whole).filter((period) => whole % period === 0);
  let best = divisors(stageCount);
  for (let whole = stageCount + 1; whole < 1.1 * stageCount; whole += 1) {
    const found = divisors(whole);
    if (found.length > best.length) best = found;
  }
  return best;
}

/** A useful value of c^a, and the groups of gradients it leaves behind the newest version. */
interface Gathering {
  readonly accumulate: number;
  readonly groups: number;
}

/**
 * Useful values of c^a for a number of items in flight: 1; for each smaller number of groups the
 * least c^a that leaves it, since more lowers R and saves nothing; and 2, which at least covers the
 * stage.
 */
function ladder(stash: number): readonly Gathering[] {
  const counts = accumulateLadder(stash - 1);
  if (counts.length === 1) counts.push(2);
  return counts.map((accumulate) => ({ accumulate, groups: groupCount(stash, accumulate) }));
}

const sides: readonly Side[] = [0, 1];

/** What choices have in common on all partitions with the same number of stages. */
export interface ChoiceShape {
  readonly periods: readonly number[];
  /** Whether `periods` are enough for the best plan. */
  readonly isComplete: boolean;
  /** By place in `periods`: places of its multiples. */
  readonly multiples: readonly (readonly number[])[];
  /** The choices of a stage and period are start[stage * periods.length + place] .. the next one. */
  readonly start: Int32Array;
  readonly accumulate: Int32Array;
  /** Groups of gradients behind the newest version. */
  readonly groups: Int32Array;
}

/** All useful choices at all stages of one worker, laid out flat for the inner loops. */
export interface Choices extends ChoiceShape {
  /** By side: value per item, bytes per worker. */
  readonly value: readonly [Float64Array, Float64Array];
  readonly bytes: readonly [Float64Array, Float64Array];
  /** By side and stage: the fewest bytes, those of one item in flight. */
  readonly fewest: readonly [readonly number[], readonly number[]];
}

/** @param isCloser takes all periods, whatever that costs. */
export function shapeOf(stageCount: number, isCloser: boolean): ChoiceShape {
  const periods = periodsOf(stageCount, isCloser);
  const width = periods.length;
  const start = new Int32Array(stageCount * width + 1);
  const accumulate: number[] = [];
  const groups: number[] = [];
  const ladders: (readonly Gathering[])[] = [];
  for (let stage = 0; stage < stageCount; stage += 1)
    periods.forEach((period, place) => {
      const stash = stashOf(stageCount, stage, period);
      ladders[stash] ??= ladder(stash);
      let useful = ladders[stash] as readonly Gathering[];
      // The last stage gathers nothing and leaves out no item.
      if (stage === stageCount - 1) useful = useful.slice(0, Number(period === 1));
      for (const gathering of useful) {
        accumulate.push(gathering.accumulate);
        groups.push(gathering.groups);
      }
      start[stage * width + place + 1] = accumulate.length;
    });
  const placeOf = new Map(periods.map((period, place) => [period, place]));
  const last = periods[width - 1] as number;
  const multiples = periods.map((period) => {
    const places: number[] = [];
    for (let multiple = period; multiple <= last; multiple += period) {
      const place = placeOf.get(multiple);
      if (place !== undefined) places.push(place);
    }
    return places;
  });
  return {
    periods,
    isComplete: isCloser || stageCount <= mostStagesAtOnce,
    multiples,
    start,
    accumulate: Int32Array.from(accumulate),
    groups: Int32Array.from(groups),
  };
}

export function layOut(terms: StageTerms, shape: ChoiceShape): Choices {
  const { stageCount } = terms;
  const { periods, start, accumulate, groups } = shape;
  const count = accumulate.length;
  const value = [new Float64Array(count), new Float64Array(count)] as const;
  const bytes = [new Float64Array(count), new Float64Array(count)] as const;
  for (const side of sides)
    for (let stage = 0; stage < stageCount; stage += 1) {
      const weight = terms.weight(stage);
      for (let place = 0; place < periods.length; place += 1) {
        const slot = stage * periods.length + place;
        const period = periods[place] as number;
        const buffers = terms.buffers(side, stage, stashOf(stageCount, stage, period));
        const end = start[slot + 1] as number;
        for (let index = start[slot] as number; index < end; index += 1) {
          value[side][index] = terms.value(side, stage, period, accumulate[index] as number);
          bytes[side][index] = buffers + (groups[index] as number) * weight;
        }
      }
    }
  const fewest = (side: Side) =>
    Array.from({ length: stageCount }, (_, stage) => terms.buffers(side, stage, 1));
  return { ...shape, value, bytes, fewest: [fewest(0), fewest(1)] };
}
