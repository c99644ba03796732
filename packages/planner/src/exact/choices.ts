import type { Side } from "../stage-terms.js";
import type { Terms } from "./terms.js";

/** Partitions of more stages are searched over fewer periods; see `periodsOf`. */
const mostStagesInFull = 96;

/**
 * Periods to choose from, rising. All of 1 .. 2P - 1 are enough: let L_i be the last stage's that
 * is 2P or more; then some multiple of L_{i+1} in P .. 2P - 1, or L_{i+1} itself, holds one item as
 * well, serves all earlier stages too, and gives a larger R.
 *
 * Beyond 96 stages only the divisors of a number just above P that has many, so that a chain
 * stays quick to find; what that may lose is measured against a bound that lets every stage have
 * any period.
 */
function periodsOf(stageCount: number): number[] {
  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
  if (stageCount <= mostStagesInFull) return upTo(Math.max(1, 2 * stageCount - 1));
  const divisors = (whole: number) => upTo(whole).filter((period) => whole % period === 0);
  let best = divisors(stageCount);
  for (let whole = stageCount + 1; whole < 1.1 * stageCount; whole += 1) {
    const found = divisors(whole);
    if (found.length > best.length) best = found;
  }
  return best;
}

/** All useful choices at all stages of one worker, laid out flat for the inner loops. */
export interface Choices {
  readonly periods: readonly number[];
  /** Whether `periods` are enough for the best plan. */
  readonly isComplete: boolean;
  /** By place in `periods`: places of its multiples. */
  readonly multiples: readonly (readonly number[])[];
  /** The choices of a stage and period are start[stage * periods.length + place] .. the next one. */
  readonly start: Int32Array;
  readonly accumulate: Int32Array;
  /** By side: value an item, bytes a worker. */
  readonly value: readonly [Float64Array, Float64Array];
  readonly bytes: readonly [Float64Array, Float64Array];
  /** By side and stage: the fewest bytes, those of one item in flight. */
  readonly fewest: readonly [readonly number[], readonly number[]];
}

export function layOut(terms: Terms): Choices {
  const { stageCount } = terms;
  const periods = periodsOf(stageCount);
  const width = periods.length;
  const start = new Int32Array(stageCount * width + 1);
  const accumulate: number[] = [];
  const value: [number[], number[]] = [[], []];
  const bytes: [number[], number[]] = [[], []];
  const sides: readonly Side[] = [0, 1];
  for (let stage = 0; stage < stageCount; stage += 1)
    periods.forEach((period, place) => {
      start[stage * width + place] = accumulate.length;
      if (stage === stageCount - 1 && period > 1) return;
      const stash = terms.stash(stage, period);
      for (const gathering of terms.ladder(stage, stash)) {
        accumulate.push(gathering.accumulate);
        for (const side of sides) {
          value[side].push(terms.value(side, stage, period, gathering.accumulate));
          const versions = gathering.groups * terms.weight(stage);
          bytes[side].push(terms.buffers(side, stage, stash) + versions);
        }
      }
    });
  start[stageCount * width] = accumulate.length;
  const fewest = (side: Side) =>
    Array.from({ length: stageCount }, (_, stage) => terms.buffers(side, stage, 1));
  return {
    periods,
    isComplete: stageCount <= mostStagesInFull,
    multiples: periods.map((period, place) =>
      periods.flatMap((other, at) => (at >= place && other % period === 0 ? [at] : [])),
    ),
    start,
    accumulate: Int32Array.from(accumulate),
    value: [Float64Array.from(value[0]), Float64Array.from(value[1])],
    bytes: [Float64Array.from(bytes[0]), Float64Array.from(bytes[1])],
    fewest: [fewest(0), fewest(1)],
  };
}
