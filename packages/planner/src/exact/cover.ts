import { FleetSearch, type FleetTask, OutOfPatience } from "./fleet.js";
import type { CoverGroup } from "./limits.js";
import type { WorkerChoice } from "./relax.js";

export interface CaseOutcome {
  /** The best workers found; null where none reaches the floor. */
  readonly workers: readonly WorkerChoice[] | null;
  /** No configuration of the case has a larger R. */
  readonly bound: number;
}

/** With more stages that can be covered, one worker covers all that are worth it, or none. */
const mostGroups = 6;

/**
 * The best workers of a case, and a bound on what it holds.
 *
 * Which stages are covered couples the workers. Up to six stages are told apart, each by a bit of
 * its own, and the search is exact. With more, one worker covers all of those that are worth it at
 * the bound's price; the bound then comes from a second search in which every stage is covered at
 * no cost.
 *
 * @returns null where patience ran out.
 */
export function solveCase(task: FleetTask): CaseOutcome | null {
  const { terms, count, choices } = task.one;
  const { bound, floor, accuracy } = task;
  const coverable: number[] = [];
  for (let stage = 0; stage < terms.stageCount - 1; stage += 1)
    if (terms.coverSaving(count, stage) > 0) coverable.push(stage);
  const lossOf = (stage: number) =>
    bound.covered.includes(stage) ? (bound.priced.coverLoss[stage] as number) : 0;
  const group = (stages: readonly number[], creditOf: (stage: number) => number): CoverGroup => ({
    stages,
    saving: stages.reduce((sum, stage) => sum + terms.coverSaving(count, stage), 0),
    credit: stages.reduce((sum, stage) => sum + creditOf(stage), 0),
  });
  const boundOf = (gain: number) => (1 + accuracy) * Math.max(floor, gain);
  try {
    if (coverable.length <= mostGroups) {
      const groups = coverable.map((stage) => group([stage], lossOf));
      const found = new FleetSearch(task, groups).solve([{ forced: null, mask: 0 }]);
      const reached = choices.isComplete ? boundOf(found?.gain ?? 0) : bound.bound;
      return { workers: found?.workers ?? null, bound: reached };
    }
    const led = group(bound.covered, lossOf);
    const found = new FleetSearch(task, [led]).solve([
      { forced: new Set(), mask: 0 },
      { forced: new Set(led.stages), mask: 1 },
    ]);
    if (!choices.isComplete) return { workers: found?.workers ?? null, bound: bound.bound };
    const given = group(coverable, (stage) =>
      bound.covered.includes(stage) ? lossOf(stage) : bound.price * terms.coverSaving(count, stage),
    );
    const most = new FleetSearch(task, [given]).solve([{ forced: new Set(), mask: 1 }]);
    return { workers: found?.workers ?? null, bound: boundOf(most?.gain ?? 0) };
  } catch (error) {
    if (error instanceof OutOfPatience) return null;
    throw error;
  }
}
