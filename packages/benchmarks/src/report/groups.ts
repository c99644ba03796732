import { agm } from "../metrics/agm.js";
import { type Estimate, estimate } from "../metrics/statistics.js";
import type { ResultRecord } from "../record.js";

/** The runs of one learner over all seeds. */
export interface Group {
  readonly label: string;
  readonly records: readonly ResultRecord[];
  readonly oacc: Estimate;
  readonly tacc: Estimate | null;
  readonly learned: Estimate;
  /** Percent of the items. */
  readonly dropped: Estimate;
  /** Bytes: the ledger's peak, the plan's prediction, the budget. */
  readonly peak: number;
  readonly planned: number;
  readonly budget: number | null;
  /** Against 1-Skip of the same seed; null where that was not run. */
  readonly agm: Estimate | null;
}

/** Groups records by label, in order of first appearance. */
export function groupByLabel(records: readonly ResultRecord[]): Group[] {
  const labels = [...new Set(records.map(({ label }) => label))];
  return labels.map((label) => {
    const own = records.filter((record) => record.label === label);
    const first = own[0] as ResultRecord;
    const summary = (value: (record: ResultRecord) => number) => estimate(own.map(value));
    const gains = own.flatMap((record) => {
      const base = records.find((each) => each.method === "1-skip" && each.seed === record.seed);
      return base ? [agm(record.oacc, record.memory.peak, base.oacc, base.memory.peak)] : [];
    });
    return {
      label,
      records: own,
      oacc: summary(({ oacc }) => oacc),
      tacc: first.tacc === null ? null : summary(({ tacc }) => tacc as number),
      learned: summary(({ learned }) => learned),
      dropped: summary(({ dropped, items }) => (100 * dropped) / Math.max(1, items)),
      peak: Math.max(...own.map(({ memory }) => memory.peak)),
      planned: Math.max(...own.map(({ memory }) => memory.planned)),
      budget: first.memory.budget,
      agm: gains.length === own.length ? estimate(gains) : null,
    };
  });
}
