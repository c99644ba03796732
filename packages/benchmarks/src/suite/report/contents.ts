import type { ResultRecord } from "../../record.js";
import { casesOf, type SuiteResults } from "../results.js";
import type { SuiteSetting } from "../settings.js";
import type { SuitePart } from "../tables/contract.js";
import { headlineOf, type SettingHeadline } from "./headline.js";
import { runsIn, type ShownPart } from "./shown.js";
import { type ShownTable, tablesOf } from "./tables.js";
import { absenceWords, collapseWords, missingWords, summaryWords } from "./words.js";

/** All that the report of a suite says, before it is written as anything. */
export interface SuiteReport {
  readonly results: SuiteResults;
  /** What was found, a sentence each. */
  readonly summary: readonly string[];
  /** What to know before believing it, a sentence each. */
  readonly cautions: readonly string[];
  readonly headline: readonly SettingHeadline[];
  readonly parts: readonly ReportedPart[];
  /** Settings without data, a sentence for each data set. */
  readonly absent: readonly string[];
  /** Every run that is shown, once. */
  readonly records: readonly ResultRecord[];
}

/** A part with all of its tables. */
export interface ReportedPart {
  readonly part: SuitePart;
  readonly settings: readonly SuiteSetting[];
  readonly tables: readonly ShownTable[];
}

/**
 * @param shown parts and the settings of each that have runs or are to have some.
 * @param cautions what is to be said of the runs themselves, such as that some are left out.
 */
export function reportOf(
  results: SuiteResults,
  shown: readonly ShownPart[],
  cautions: readonly string[] = [],
): SuiteReport {
  const settings = results.settings
    .map(({ setting }) => setting)
    .filter((setting) => shown.some((each) => each.settings.includes(setting)));
  const headline = headlineOf(results, settings);
  const found = settings.map((setting) => {
    const parts = shown.filter((each) => each.settings.includes(setting));
    return {
      setting: setting.name,
      runs: runsIn(results, shown, setting),
      wanted: casesOf(
        parts.map(({ part }) => part),
        [setting],
        results.scale,
      ).length,
    };
  });
  const runs = found.flatMap((each) => each.runs);
  return {
    results,
    summary: summaryWords(results, settings, headline),
    cautions: [...cautions, ...missingWords(found), ...collapseWords(runs)],
    headline,
    parts: shown.map(({ part, settings: own }) => ({
      part,
      settings: own,
      tables: tablesOf(results, part, own),
    })),
    absent: absenceWords(results.settings.filter(({ setting }) => !settings.includes(setting))),
    records: runs.map(({ run: { record } }) => record),
  };
}
