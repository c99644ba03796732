import type { Chains } from "../chain.js";
import type { Side } from "../stage-terms.js";
import type { CaseBound } from "./bound.js";
import { type Point, paretoFront } from "./front.js";
import type { CoverGroup, Limits } from "./limits.js";
import { type Case, loneBytes, type WorkerChoice, workerChoice } from "./relax.js";
import { sidesOf } from "./sides.js";

/** A choice at a stage, before those at later stages. */
interface Step {
  readonly place: number;
  readonly index: number;
  readonly later: Step | null;
}

/** What a worker's front is to hold. */
export interface FrontRequest {
  /** Stages that the worker must cover; null where each group is one stage, with its own bit. */
  readonly forced: ReadonlySet<number> | null;
  /** The stages that count as covered from the start, as bits. */
  readonly mask: number;
}

/**
 * The Pareto front of one worker: a dynamic program over the stages from the last one on, whose
 * states are the periods.
 */
export function workerFront(
  one: Case,
  bound: CaseBound,
  groups: readonly CoverGroup[],
  request: FrontRequest,
  limits: Limits,
): Point<WorkerChoice>[] {
  const points = sidesOf(one.count, one.mayRecompute).flatMap((side) =>
    sideFront(one, side, bound, groups, request, limits),
  );
  return paretoFront(points, limits.tolerance);
}

function sideFront(
  one: Case,
  side: Side,
  { price, priced }: CaseBound,
  groups: readonly CoverGroup[],
  { forced, mask: covered }: FrontRequest,
  limits: Limits,
): Point<WorkerChoice>[] {
  const { earlier } = priced.chains.get(side) as Chains;
  const { terms, choices, count } = one;
  const { stageCount } = terms;
  const width = choices.periods.length;
  const pace = 1 / terms.interval(side, count);
  const fewest = choices.fewest[side];
  const bitOf = new Map(
    forced === null ? groups.map(({ stages }, bit) => [stages[0] as number, 1 << bit]) : [],
  );
  let fronts: (Point<Step | null>[] | null)[] = new Array(width).fill(null);
  fronts[0] = [{ gain: 0, bytes: 0, mask: covered, made: null }];
  // The fewest bytes that the stages still to come add.
  let rest = fewest.reduce((sum, bytes) => sum + bytes, 0);
  for (let stage = stageCount - 1; stage >= 0; stage -= 1) {
    const next: typeof fronts = new Array(width).fill(null);
    const most = stage === stageCount - 1 ? 1 : width;
    rest -= fewest[stage] as number;
    const sources: Point<Step | null>[][] = Array.from({ length: most }, () => []);
    fronts.forEach((front, later) => {
      if (front === null) return;
      for (const place of choices.multiples[later] as readonly number[])
        if (place < most) (sources[place] as Point<Step | null>[]).push(...front);
    });
    for (let place = 0; place < most; place += 1) {
      const open = paretoFront(sources[place] as Point<Step | null>[], 0);
      if (open.length === 0) continue;
      const completion = earlier[stage * width + place] as number;
      const first = choices.start[stage * width + place] as number;
      const end = choices.start[stage * width + place + 1] as number;
      const extended: Point<Step>[] = [];
      limits.spend((2 * (end - first) + 10) * open.length);
      for (let index = first; index < end; index += 1) {
        const isCovering = index > first;
        if (!isCovering && forced?.has(stage)) continue;
        const gain = (choices.value[side][index] as number) * pace;
        const bytes = (choices.bytes[side][index] as number) + loneBytes(one, stage, index);
        const bit = isCovering ? (bitOf.get(stage) ?? 0) : 0;
        for (const point of open) {
          const gains = point.gain + gain;
          const held = point.bytes + bytes;
          const mask = point.mask | bit;
          const loss = priced.surplus - (gains - price * held + completion);
          if (!limits.allows(loss, held + rest, mask, 1)) continue;
          extended.push({
            gain: gains,
            bytes: held,
            mask,
            made: { place, index, later: point.made },
          });
        }
      }
      if (extended.length > 0) next[place] = paretoFront(extended, limits.tolerance);
    }
    fronts = next;
  }
  return fronts
    .flatMap((front) => front ?? [])
    .map((point) => {
      const steps: Step[] = [];
      for (let step = point.made; step !== null; step = step.later) steps.push(step);
      const periods = steps.map(({ place }) => choices.periods[place] as number);
      const indices = steps.map(({ index }) => index);
      return { ...point, made: workerChoice(one, side, indices, periods) };
    });
}
