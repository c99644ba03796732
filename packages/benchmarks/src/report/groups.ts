import { agm } from "../metrics/agm.js";
import type { Agreement } from "../metrics/agreement.js";
import { type Estimate, estimate } from "../metrics/statistics.js";
import type { ResultRecord } from "../record.js";
import { distinctRuns } from "./distinct-runs.js";
import { traits, worldTraits } from "./traits.js";

/** The runs of one learner over all seeds. */
export interface Group {
  readonly label: string;
  readonly records: readonly ResultRecord[];
  readonly oacc: Estimate;
  readonly tacc: Estimate | null;
  /** By measure of `Agreement`; null where a record does not tell it. */
  readonly agreement: Readonly<Record<keyof Agreement, Estimate | null>>;
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

const sameIn = (chosen: typeof traits, left: ResultRecord, right: ResultRecord) =>
  chosen.every((trait) => trait(left) === trait(right));

/** The label, with what tells the record from others of that label. */
function fullLabel(record: ResultRecord, records: readonly ResultRecord[]): string {
  const namesakes = records.filter(({ label }) => label === record.label);
  const telling = traits
    .filter((trait) => namesakes.some((other) => trait(other) !== trait(record)))
    .map((trait) => trait(record));
  return telling.length > 0 ? `${record.label} (${telling.join(", ")})` : record.label;
}

/**
 * Groups the runs of one learner over seeds, in order of first appearance. Runs of one label that
 * differ in more than the seed are learners of their own, and their labels say in what they differ. A
 * run whose record comes twice counts once.
 */
export function groupByLabel(all: readonly ResultRecord[]): Group[] {
  const records = distinctRuns(all);
  const labels = records.map((record) => fullLabel(record, records));
  return [...new Set(labels)].map((label) => {
    const own = records.filter((_, index) => labels[index] === label);
    const first = own[0] as ResultRecord;
    const summary = (value: (record: ResultRecord) => number) => estimate(own.map(value));
    const measure = (name: keyof Agreement) => {
      const values = own.map(({ agreement }) => agreement?.[name] ?? null);
      return values.every((value) => value !== null) ? estimate(values) : null;
    };
    const gains = own.flatMap((record) => {
      const base = records.find(
        (each) =>
          each.method === "1-skip" &&
          each.seed === record.seed &&
          sameIn(worldTraits, each, record),
      );
      return base ? [agm(record.oacc, record.memory.peak, base.oacc, base.memory.peak)] : [];
    });
    return {
      label,
      records: own,
      oacc: summary(({ oacc }) => oacc),
      tacc: first.tacc === null ? null : summary(({ tacc }) => tacc as number),
      agreement: {
        majority: measure("majority"),
        noChange: measure("noChange"),
        kappa: measure("kappa"),
        kappaTemporal: measure("kappaTemporal"),
      },
      learned: summary(({ learned }) => learned),
      dropped: summary(({ dropped, items }) => (100 * dropped) / Math.max(1, items)),
      peak: Math.max(...own.map(({ memory }) => memory.peak)),
      planned: Math.max(...own.map(({ memory }) => memory.planned)),
      budget: first.memory.budget,
      agm: gains.length === own.length ? estimate(gains) : null,
    };
  });
}
