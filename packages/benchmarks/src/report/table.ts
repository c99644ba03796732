import { formatBytes } from "@ferret-ocl/planner";
import type { Estimate } from "../metrics/statistics.js";
import { printable } from "../printable.js";
import type { ResultRecord } from "../record.js";
import { groupByLabel } from "./groups.js";

const columns = [
  "method",
  "online acc. %",
  "test acc. %",
  "learned",
  "dropped %",
  "budget",
  "planned",
  "measured",
  "agm",
  "kappa",
  "kappa-temp.",
  "majority %",
  "no-change %",
] as const;

/** A number over seeds: the mean, and the standard error where there are several. */
export function formatEstimate({ mean, error }: Estimate, digits: number): string {
  return error !== null
    ? `${mean.toFixed(digits)} ± ${error.toFixed(digits)}`
    : mean.toFixed(digits);
}

const told = (value: Estimate | null, digits: number) =>
  value ? formatEstimate(value, digits) : "-";

/** The names of the columns, then one row a learner, as texts. */
export function tableRows(records: readonly ResultRecord[]): string[][] {
  const rows = groupByLabel(records).map((group) => [
    group.label,
    formatEstimate(group.oacc, 2),
    told(group.tacc, 2),
    group.learned.mean.toFixed(0),
    group.dropped.mean.toFixed(1),
    group.budget === null ? "none" : formatBytes(group.budget),
    formatBytes(group.planned),
    formatBytes(group.peak),
    told(group.agm, 2),
    told(group.agreement.kappa, 3),
    told(group.agreement.kappaTemporal, 3),
    told(group.agreement.majority, 2),
    told(group.agreement.noChange, 2),
  ]);
  return [[...columns], ...rows];
}

/** The table for a terminal; numbers stand at the right of their column. */
export function renderTable(records: readonly ResultRecord[]): string {
  return alignColumns(tableRows(records));
}

/** Lines up cells in columns: the first one to the left, the others to the right. */
export function alignColumns(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map((cell) => printable(cell)));
  const widths = (rows[0] as readonly string[]).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
