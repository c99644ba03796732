import type { ForgettingRun } from "../experiments/forgetting.js";
import {
  backwardTransfer,
  finalAccuracy,
  forgetting,
  forwardTransfer,
} from "../metrics/accuracy-matrix.js";
import { estimate } from "../metrics/statistics.js";
import { formatEstimate } from "./table.js";

/** The runs of one learner with one algorithm over all seeds. */
export interface ForgettingGroup {
  readonly learner: string;
  readonly algorithm: string;
  readonly runs: readonly ForgettingRun[];
}

/** In order of first appearance. */
export function groupRuns(runs: readonly ForgettingRun[]): ForgettingGroup[] {
  const groups = new Map<string, { learner: string; algorithm: string; runs: ForgettingRun[] }>();
  for (const run of runs) {
    const { label: learner, algorithm } = run.record;
    const key = `${learner} ${algorithm}`;
    if (!groups.has(key)) groups.set(key, { learner, algorithm, runs: [] });
    groups.get(key)?.runs.push(run);
  }
  return [...groups.values()];
}

const measures: readonly (readonly [string, (run: ForgettingRun) => number])[] = [
  ["accuracy", ({ overall }) => finalAccuracy(overall)],
  ["first task", ({ overall }) => overall.at(-1)?.[0] as number],
  ["forgetting", ({ overall }) => forgetting(overall)],
  ["backward", ({ overall }) => backwardTransfer(overall)],
  ["accuracy within", ({ within }) => finalAccuracy(within)],
  ["first within", ({ within }) => within.at(-1)?.[0] as number],
  ["forgetting within", ({ within }) => forgetting(within)],
  ["backward within", ({ within }) => backwardTransfer(within)],
  ["forward within", ({ within }) => forwardTransfer(within)],
  ["online", ({ record }) => record.oacc],
];

/** The names of the columns, then one row per learner and algorithm, as texts. */
export function forgettingRows(runs: readonly ForgettingRun[]): string[][] {
  const rows = groupRuns(runs).map((group) => [
    `${group.learner}, ${group.algorithm}`,
    ...measures.map(([, value]) => formatEstimate(estimate(group.runs.map(value)), 1)),
  ]);
  return [["learner", ...measures.map(([name]) => name)], ...rows];
}
