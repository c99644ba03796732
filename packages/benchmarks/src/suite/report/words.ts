import { formatBytes } from "@ferret-ocl/planner";
import { groupBy } from "../../group-by.js";
import { estimate } from "../../metrics/statistics.js";
import type { SettingState } from "../at-hand.js";
import type { SuiteResults } from "../results.js";
import type { SuiteScale } from "../scale.js";
import type { SuiteSetting } from "../settings.js";
import type { Contender } from "../tables/contract.js";
import { ferrets, oracle, skipping } from "../tables/learners.js";
import { paperFactor, type SettingHeadline } from "./headline.js";
import type { NamedRun } from "./shown.js";

/** What the suite found, for those who read no further. */
export function summaryWords(
  results: SuiteResults,
  settings: readonly SuiteSetting[],
  headline: readonly SettingHeadline[],
): string[] {
  if (settings.length === 0) return ["None of the settings that were asked for has its data here."];
  return [
    describeScale(results.scale, settings),
    ...headlineWords(headline),
    ...accuracyWords(results, settings),
  ];
}

function describeScale(scale: SuiteScale, settings: readonly SuiteSetting[]): string {
  const paper = settings.filter(({ source }) => source === "paper").length;
  const others = settings.length - paper;
  const counts = [
    ...(paper > 0 || others === 0 ? [`${paper} of the paper's 20 settings`] : []),
    ...(others > 0
      ? [`${count(others, "setting")} of digits that the program draws, which stand in for data`]
      : []),
  ];
  const { mostItems, testSamples, seeds } = scale;
  const items =
    mostItems === null
      ? "one pass over the data each"
      : `at most ${mostItems} items of a stream each`;
  const tested = testSamples === null ? "all test samples" : `${testSamples} test samples`;
  return (
    `${counts.join(" and ")}: ${items}, ${tested} in the end, ` +
    `${seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds.join(", ")}`}.`
  );
}

/** What memory Ferret saves at equal accuracy. */
function headlineWords(headline: readonly SettingHeadline[]): string[] {
  const best = headline
    .flatMap((each) => (each.largest ? [{ setting: each.setting, ...each.largest }] : []))
    .sort((left, right) => (right.factor as number) - (left.factor as number))[0];
  const unreached = headline.filter((each) => each.unreached.length > 0);
  const words: string[] = [];
  if (best?.ferret) {
    const { setting, schedule, memory, ferret } = best;
    const factor = (best.factor as number).toFixed(2);
    const where =
      `on ${setting} ${schedule} takes ${formatBytes(memory)}, and Ferret ${formatBytes(ferret.memory)} for the ` +
      `same online accuracy (paper: up to ${paperFactor} times less)`;
    words.push(
      (best.factor as number) > 1
        ? `Ferret needs up to ${factor} times less memory than a pipeline schedule: ${where}.`
        : `Ferret needs as much memory as every pipeline schedule or more; it comes nearest with ${factor}: ${where}.`,
    );
    const ahead = headline.filter(
      (each) => each.unreached.length === 0 && (each.least?.factor ?? 0) > 1,
    ).length;
    words.push(
      `Ferret takes less memory than every schedule at equal accuracy on ${ahead} of ` +
        `${count(headline.length, "setting")}.`,
    );
  }
  if (unreached.length > 0)
    words.push(
      "Under no budget measured does Ferret reach the accuracy of " +
        `${unreached.map((each) => `${each.unreached.join(", ")} on ${each.setting}`).join("; ")}.`,
    );
  return words;
}

/** How accurate Ferret is between what a fast stream does to a learner and what none could do. */
function accuracyWords(results: SuiteResults, settings: readonly SuiteSetting[]): string[] {
  const skip = skipping[0] as Contender;
  const most = ferrets.at(-1) as Contender;
  const records = settings.flatMap((setting) => {
    const all = [most, skip, oracle].map((one) => results.recordsOf(setting, one));
    return all.every(({ length }) => length > 0) ? [all] : [];
  });
  if (records.length === 0) return [];
  const mean = (place: number) =>
    estimate(
      records.map((all) => estimate((all[place] ?? []).map(({ oacc }) => oacc)).mean),
    ).mean.toFixed(1);
  const where = records.length === 1 ? "" : `, means over ${records.length} settings`;
  return [
    `Ferret without a limit of memory predicts ${mean(0)} % of the samples correctly, 1-Skip, which drops every ` +
      `item that it has no time for, ${mean(1)} %, and Oracle ${mean(2)} %${where}.`,
    "Oracle learns every item as if no time passed: it is an upper bound that no machine can run.",
  ];
}

/** Of runs that are not there. */
export function missingWords(
  all: readonly {
    readonly setting: string;
    readonly wanted: number;
    readonly runs: readonly NamedRun[];
  }[],
): string[] {
  const lacking = all.flatMap(({ setting, wanted, runs }) =>
    runs.length < wanted ? [{ setting, runs: wanted - runs.length }] : [],
  );
  if (lacking.length === 0) return [];
  const wanted = all.reduce((sum, each) => sum + each.wanted, 0);
  const missing = lacking.reduce((sum, { runs }) => sum + runs, 0);
  return [
    `${missing} of ${wanted} runs are missing (` +
      `${someOf(lacking.map(({ setting, runs }) => `${setting}: ${runs}`))}), as they failed, were not begun, or are of ` +
      "other shares; ferret suite makes them. Means are over the seeds that are there, as each cell says.",
  ];
}

/** Of learners that no longer tell samples apart, which no mean shows. */
export function collapseWords(runs: readonly NamedRun[]): string[] {
  const collapsed = runs.filter(({ run }) => run.record.collapse !== null);
  if (collapsed.length === 0) return [];
  const places = groupBy(collapsed, ({ label, run }) => `${label} on ${run.case.setting}`);
  const words = [...places].map(([place, { length }]) => `${place} (${length})`);
  return [
    `In ${collapsed.length} of ${runs.length} runs the learner collapsed, and for a while predicted one class ` +
      `whatever came; they are marked with †: ${someOf(words)}.`,
  ];
}

/** Up to this many places are all named. */
const mostNamed = 8;

function someOf(words: readonly string[]): string {
  const more = words.length - mostNamed;
  return `${words.slice(0, mostNamed).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** A sentence for each data set that is not at hand: what of it is to be put where, without a machine's paths. */
export function absenceWords(states: readonly SettingState[]): string[] {
  return [...groupBy(states, ({ data }) => data.dataset)].map(([dataset, own]) => {
    const { data } = own[0] as SettingState;
    const names = own.map(({ setting }) => setting.name).join(", ");
    const remedy = data.isDownloaded
      ? `ferret datasets --read ${dataset} downloads it`
      : `put ${data.needs} from ${data.page} into the folder ${nameOf(data.folder)} of the data folder`;
    return `${names}: ${dataset} is not at hand; ${remedy}.`;
  });
}

const nameOf = (folder: string | null) => folder?.split(/[/\\]/).at(-1) ?? "";

export const count = (number: number, noun: string) =>
  `${number} ${noun}${number === 1 ? "" : "s"}`;
