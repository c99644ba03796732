import { agm } from "../../metrics/agm.js";
import type { ResultRecord } from "../../record.js";

const mebibyte = 2 ** 20;

/** A figure of a run, as the suite's tables show it. */
export interface Measure {
  /** In CSV and JSON. */
  readonly name: string;
  /** What a table is headed with. */
  readonly title: string;
  /** Of every number; empty where it has none. */
  readonly unit: string;
  readonly digits: number;
  /** Which is better; null where the table marks none. */
  readonly better: "more" | "less" | null;
  /** Whether the standard error goes without saying, as it is nearly always 0. */
  readonly isExact?: boolean;
  /** Whether the value compares a run with the baseline's run on the same seed. */
  readonly isRelative?: boolean;
  /**
   * @param baseline the record to compare with, of the same seed; undefined where that is not there.
   * @returns null where the run has no such figure, or there is nothing to compare it with.
   */
  readonly value: (record: ResultRecord, baseline?: ResultRecord) => number | null;
}

const oacc: Measure = {
  name: "oacc",
  title: "online accuracy",
  unit: "%",
  digits: 2,
  better: "more",
  value: (record) => record.oacc,
};

const tacc: Measure = {
  name: "tacc",
  title: "test accuracy",
  unit: "%",
  digits: 2,
  better: "more",
  value: (record) => record.tacc,
};

/** Eq. 17. */
const gain: Measure = {
  name: "agm",
  title: "online accuracy gained per memory (agm)",
  unit: "",
  digits: 2,
  better: "more",
  isRelative: true,
  value: (record, baseline) =>
    baseline ? agm(record.oacc, record.memory.peak, baseline.oacc, baseline.memory.peak) : null,
};

/** Eq. 18. */
const testGain: Measure = {
  name: "tagm",
  title: "test accuracy gained per memory (tagm)",
  unit: "",
  digits: 2,
  better: "more",
  isRelative: true,
  value(record, baseline) {
    if (!baseline || record.tacc === null || baseline.tacc === null) return null;
    return agm(record.tacc, record.memory.peak, baseline.tacc, baseline.memory.peak);
  },
};

const dropped: Measure = {
  name: "dropped",
  title: "items dropped",
  unit: "%",
  digits: 1,
  better: "less",
  value: (record) => (100 * record.dropped) / Math.max(1, record.items),
};

const memory: Measure = {
  name: "memory",
  title: "peak memory",
  unit: "MiB",
  digits: 2,
  better: "less",
  isExact: true,
  value: (record) => record.memory.peak / mebibyte,
};

const latency = (percentile: "p50" | "p99", title: string): Measure => ({
  name: `latency_${percentile}`,
  title,
  unit: "ms",
  digits: 2,
  better: null,
  value: (record) => record.latency?.[percentile] ?? null,
});

const unmarked = (measure: Measure): Measure => ({ ...measure, better: null });

/** What tables of learners by setting show, the most telling first. */
export const tableMeasures: readonly Measure[] = [oacc, gain, tacc, testGain, dropped, memory];

/** Columns of the table beside a chart of memory against accuracy. */
export const memoryMeasures: readonly Measure[] = [memory, oacc, tacc, dropped].map(unmarked);

/** What tables against pressure show. */
export const pressureMeasures: readonly Measure[] = [
  latency("p50", "latency of half of the items, at most"),
  latency("p99", "latency of 99 % of the items, at most"),
  ...[dropped, oacc, memory].map(unmarked),
];
