import { formatEstimate } from "../../report/table.js";
import type { Cell } from "./cell.js";
import type { SuiteReport } from "./contents.js";
import { type Comparison, paperFactor, type SettingHeadline } from "./headline.js";
import type { ShownTable } from "./tables.js";
import { count } from "./words.js";

/** A table in texts, for every way of writing it. */
export interface Sheet {
  readonly title: string;
  readonly corner: string;
  readonly columns: readonly string[];
  readonly blocks: readonly SheetBlock[];
}

interface SheetBlock {
  readonly head: string | null;
  readonly rows: readonly { readonly name: string; readonly cells: readonly SheetCell[] }[];
}

export interface SheetCell {
  readonly text: string;
  /** 1: the best of its row, 2: the second. */
  readonly place: 1 | 2 | null;
  readonly isCollapsed: boolean;
  readonly isMissing: boolean;
}

/** Tables under one heading. */
export interface Chapter {
  readonly name: string;
  readonly title: string;
  readonly notes: readonly string[];
  readonly sheets: readonly Sheet[];
}

/** What stands where there is no run. */
const missing = "missing";

/** All tables of a report, the headline first. */
export function chaptersOf({ headline, parts }: SuiteReport): Chapter[] {
  return [
    ...(headline.length > 0 ? [headlineChapter(headline)] : []),
    ...parts
      .filter(({ tables }) => tables.length > 0)
      .map(({ part, tables }) => ({ ...part, sheets: tables.map(sheetOf) })),
  ];
}

export const marksNote =
  "Mean ± standard error over seeds; marked are the best and the second of a row, of those that are competitors, " +
  "and with † learners that collapsed.";

function sheetOf({ title, corner, columns, blocks }: ShownTable): Sheet {
  return {
    title,
    corner,
    columns,
    blocks: blocks.map(({ head, rows }) => ({
      head,
      rows: rows.map(({ name, cells }) => ({ name, cells: cells.map(textOf) })),
    })),
  };
}

/** A cell in text; how many runs it is of, where that is fewer than there should be. */
function textOf(cell: Cell | null): SheetCell {
  if (!cell) return plain("");
  const { measure, estimate, runs, wanted, collapsed, place } = cell;
  if (runs === 0) return { ...plain(missing), isMissing: true };
  if (!estimate) return plain("-");
  const number = measure.isExact
    ? estimate.mean.toFixed(measure.digits)
    : formatEstimate(estimate, measure.digits);
  const text = runs < wanted ? `${number} (${runs}/${wanted})` : number;
  return { text, place, isCollapsed: collapsed > 0, isMissing: false };
}

const plain = (text: string): SheetCell => ({
  text,
  place: null,
  isCollapsed: false,
  isMissing: false,
});

function headlineChapter(headline: readonly SettingHeadline[]): Chapter {
  return {
    name: "headline",
    title: "Memory for the same accuracy",
    notes: [
      "The memory of each pipeline schedule by the least memory with which Ferret is at least as accurate online on " +
        `the same seeds, under a budget that was measured. Paper: up to ${paperFactor}.`,
      "Schedules that collapsed, or are no better than guessing, are left out of largest and least: anything reaches that.",
    ],
    sheets: [overview(headline), details(headline)],
  };
}

function overview(headline: readonly SettingHeadline[]): Sheet {
  const told = (comparison: Comparison | null) =>
    comparison ? `${factorOf(comparison)} (${comparison.schedule})` : "-";
  return {
    title: "memory of a schedule by Ferret's, at equal online accuracy",
    corner: "setting",
    columns: ["largest", "least", "not reached"],
    blocks: [
      {
        head: null,
        rows: headline.map(({ setting, largest, least, unreached, comparisons }) => ({
          name: setting,
          cells: [
            plain(told(largest)),
            plain(told(least)),
            plain(
              unreached.length === 0
                ? "none"
                : `${unreached.join(", ")} (${unreached.length} of ${count(comparisons.length, "schedule")})`,
            ),
          ],
        })),
      },
    ],
  };
}

function details(headline: readonly SettingHeadline[]): Sheet {
  return {
    title: "every schedule, and the smallest Ferret that is as accurate",
    corner: "schedule",
    columns: ["online acc. %", "MiB", "Ferret", "its acc. %", "its MiB", "factor"],
    blocks: headline.map(({ setting, comparisons }) => ({
      head: setting,
      rows: comparisons.map((comparison) => {
        const { schedule, oacc, memory, ferret, collapsed } = comparison;
        const own = [
          { ...plain(oacc.toFixed(2)), isCollapsed: collapsed > 0 },
          plain(mebibytes(memory)),
        ];
        const its = ferret
          ? [ferret.label, ferret.oacc.toFixed(2), mebibytes(ferret.memory)]
          : ["not reached", "-", "-"];
        return { name: schedule, cells: [...own, ...[...its, factorOf(comparison)].map(plain)] };
      }),
    })),
  };
}

const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(2);
const factorOf = ({ factor }: Comparison) => (factor === null ? "-" : factor.toFixed(2));
