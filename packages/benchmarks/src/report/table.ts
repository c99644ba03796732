import { formatBytes } from "@ferret-ocl/planner";
import type { Estimate } from "../metrics/statistics.js";
import type { ResultRecord } from "../record.js";
import { fitColumns } from "./fit.js";
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

/** The names of the columns, then one row per learner, as texts. */
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

/** Columns that belong together: what was learned, what it took, what that is worth. */
const columnGroups = [4, 3, 1, 4];

/** The table for a terminal; numbers stand at the right of their column. */
export function renderTable(records: readonly ResultRecord[], width?: number): string {
  return fitColumns(tableRows(records), columnGroups, width);
}
