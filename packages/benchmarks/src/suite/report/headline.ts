import { estimate } from "../../metrics/statistics.js";
import type { ResultRecord } from "../../record.js";
import type { SuiteResults } from "../results.js";
import type { SuiteSetting } from "../settings.js";
import type { Contender } from "../tables/contract.js";
import { memory } from "../tables/memory.js";
import { schedules } from "../tables/schedules.js";
import { table1 } from "../tables/table1.js";
import { table3 } from "../tables/table3.js";

/** The largest factor of the paper. */
export const paperFactor = 3.7;

/** What a schedule takes for its accuracy, and what Ferret takes for the same. */
export interface Comparison {
  readonly schedule: string;
  /** Mean over the seeds, percentage points. */
  readonly oacc: number;
  /** Bytes at the peak. */
  readonly memory: number;
  /** Runs that it is the mean of. */
  readonly runs: number;
  /** Runs that collapsed: an accuracy that anything reaches. */
  readonly collapsed: number;
  /** Whether it is no better than guessing among all classes, which anything reaches, too. */
  readonly isGuess: boolean;
  /** The smallest point of Ferret that is as accurate on the same seeds; null: not reached. */
  readonly ferret: {
    readonly label: string;
    readonly oacc: number;
    readonly memory: number;
  } | null;
  /** The schedule's memory by Ferret's; null where Ferret does not reach its accuracy. */
  readonly factor: number | null;
}

/** What one setting says of memory at equal accuracy. */
export interface SettingHeadline {
  readonly setting: string;
  readonly comparisons: readonly Comparison[];
  /** Of the factors; where a run collapsed, or all is guessed, they are left out. Null without any. */
  readonly largest: Comparison | null;
  readonly least: Comparison | null;
  /** Schedules that are more accurate than Ferret under any budget measured. */
  readonly unreached: readonly string[];
}

/** A learner's runs in a setting. */
interface Point {
  readonly label: string;
  readonly records: readonly ResultRecord[];
}

/**
 * The paper's headline (Fig. 6): the memory of each pipeline schedule at its own online accuracy, by the least memory
 * with which Ferret reaches that accuracy. Points of Ferret are those that were measured, under the budgets of the
 * memory figure and of tables 1 and 3; nothing is interpolated between them. Both means are over the schedule's
 * seeds.
 * @returns a setting each that has runs of both.
 */
export function headlineOf(
  results: SuiteResults,
  settings: readonly SuiteSetting[],
): SettingHeadline[] {
  return settings.flatMap((setting) => {
    const pointsOf = (contenders: readonly Contender[]): Point[] =>
      contenders
        .map((one) => ({ label: one.label, records: results.recordsOf(setting, one) }))
        .filter(({ records }) => records.length > 0);
    const points = pointsOf(ferretsOf(results, setting));
    const competitors = pointsOf(schedules);
    if (points.length === 0 || competitors.length === 0) return [];
    return [
      summarise(
        setting.name,
        competitors.map((one) => compare(one, points)),
      ),
    ];
  });
}

/** Ferret as it runs unless told otherwise, under every budget that is measured, each once. */
function ferretsOf({ scale }: SuiteResults, setting: SuiteSetting): Contender[] {
  const all = [table1, table3, memory].flatMap((part) => part.contenders(setting, scale));
  const ferrets = all.filter(({ variation }) => variation.method === "ferret");
  const first = new Map<string, Contender>();
  for (const one of ferrets) {
    const budget = JSON.stringify([one.variation.memoryBudget, one.variation.budgetShare]);
    if (!first.has(budget)) first.set(budget, one);
  }
  return [...first.values()];
}

function compare({ label, records }: Point, points: readonly Point[]): Comparison {
  const seeds = records.map(({ seed }) => seed);
  const own = { oacc: meanAccuracy(records), memory: peakOf(records) };
  const reaching = points
    .flatMap((point) => {
      const same = point.records.filter(({ seed }) => seeds.includes(seed));
      if (same.length < seeds.length) return [];
      return [{ label: point.label, oacc: meanAccuracy(same), memory: peakOf(same) }];
    })
    .filter(({ oacc }) => oacc >= own.oacc)
    .sort((left, right) => left.memory - right.memory);
  const ferret = reaching[0] ?? null;
  return {
    schedule: label,
    ...own,
    runs: records.length,
    collapsed: records.filter(({ collapse }) => collapse !== null).length,
    isGuess: own.oacc <= meanGuess(records),
    ferret,
    factor: ferret && own.memory / ferret.memory,
  };
}

function summarise(setting: string, comparisons: readonly Comparison[]): SettingHeadline {
  const factors = comparisons
    .filter(({ factor, collapsed, isGuess }) => factor !== null && collapsed === 0 && !isGuess)
    .sort((left, right) => (right.factor as number) - (left.factor as number));
  return {
    setting,
    comparisons,
    largest: factors[0] ?? null,
    least: factors.at(-1) ?? null,
    unreached: comparisons.filter(({ factor }) => factor === null).map(({ schedule }) => schedule),
  };
}

const meanAccuracy = (records: readonly ResultRecord[]) =>
  estimate(records.map(({ oacc }) => oacc)).mean;

/** Accuracy of guessing, percentage points; 0 of records that do not say of what. */
const meanGuess = (records: readonly ResultRecord[]) =>
  estimate(records.map(({ data }) => (data ? 100 / data.classes : 0))).mean;

const peakOf = (records: readonly ResultRecord[]) =>
  Math.max(...records.map(({ memory: { peak } }) => peak));
