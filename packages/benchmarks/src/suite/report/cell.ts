import { type Estimate, estimate } from "../../metrics/statistics.js";
import type { ResultRecord } from "../../record.js";
import type { SuiteResults } from "../results.js";
import type { SuiteSetting } from "../settings.js";
import type { Contender } from "../tables/contract.js";
import type { Measure } from "./measures.js";

/** What a table shows at one place. */
export interface Cell {
  readonly setting: string;
  /** The contender's whole name. */
  readonly contender: string;
  /** Of contenders that belong together; null where all do. */
  readonly group: string | null;
  readonly measure: Measure;
  /** Over the seeds whose runs are there; null without any, or where they have no such figure. */
  readonly estimate: Estimate | null;
  /** Runs that are there, with what they are compared with, and those that there should be. */
  readonly runs: number;
  readonly wanted: number;
  /** Runs in which the learner collapsed, see `record.collapse`. */
  readonly collapsed: number;
  readonly isBound: boolean;
  /** 1: the best competitor of its row, 2: the second. */
  readonly place: 1 | 2 | null;
}

/**
 * A contender's figure in a setting, mean and standard error over seeds. What is compared with a baseline is so
 * on every seed by itself, and the mean is taken of the differences.
 * @param all contenders of the same table and setting.
 */
export function cellOf(
  results: SuiteResults,
  setting: SuiteSetting,
  contender: Contender,
  measure: Measure,
  all: readonly Contender[],
): Cell {
  const records = results.recordsOf(setting, contender);
  const baselines = measure.isRelative ? baselineRecords(results, setting, contender, all) : null;
  const paired = baselines ? records.filter(({ seed }) => baselines.has(seed)) : records;
  const values = paired.flatMap(
    (record) => measure.value(record, baselines?.get(record.seed)) ?? [],
  );
  return {
    setting: setting.name,
    contender: contender.label,
    group: contender.group ?? null,
    measure,
    estimate: values.length > 0 ? estimate(values) : null,
    runs: paired.length,
    wanted: results.scale.seeds.length,
    collapsed: records.filter(({ collapse }) => collapse !== null).length,
    isBound: contender.isBound ?? false,
    place: null,
  };
}

/** By seed; empty where there is no baseline. */
function baselineRecords(
  results: SuiteResults,
  setting: SuiteSetting,
  { baseline }: Contender,
  all: readonly Contender[],
): Map<number, ResultRecord> {
  const compared = all.find(({ label }) => label === baseline);
  const records = compared ? results.recordsOf(setting, compared) : [];
  return new Map(records.map((record) => [record.seed, record]));
}

/**
 * Marks the best and the second of a row. Bounds are not ranked, nor are those of fewer seeds than others, which
 * would compare other streams. What is equal in the digits that are shown has the same place, and after two best
 * there is no second; where all are alike none is marked.
 * @param row cells of one measure.
 */
export function ranked(row: readonly Cell[]): Cell[] {
  const most = Math.max(0, ...row.map(({ runs }) => runs));
  const worth = ({ measure, estimate: value, isBound, runs }: Cell): number | null => {
    if (!value || measure.better === null || isBound || runs < most) return null;
    const shown = Number(value.mean.toFixed(measure.digits));
    return measure.better === "more" ? shown : -shown;
  };
  const worths = row.flatMap((cell) => worth(cell) ?? []);
  // One alone, or several that are all alike, are no competition.
  if (new Set(worths).size < 2) return [...row];
  return row.map((cell) => {
    const own = worth(cell);
    if (own === null) return cell;
    const better = worths.filter((each) => each > own).length;
    return better < 2 ? { ...cell, place: better === 0 ? 1 : 2 } : cell;
  });
}
