import type { ResultRecord } from "../record.js";

/** What the runs of one page of an experiment have in common. */
const world = (record: ResultRecord) => [
  record.experiment,
  record.setting,
  record.data,
  record.order,
  record.items,
  record.batch,
  record.learningRate,
  record.labelDelay,
  record.engine,
  record.startedFrom?.sha256,
  // Each of several algorithms takes its own settings.
  record.experiment === "forgetting" ? null : record.algorithmOptions,
];

/** What tells them apart. */
const run = (record: ResultRecord) => [
  ...world(record),
  record.method,
  record.label,
  record.algorithm,
  record.memory.budget,
  record.pressure.toPrecision(9),
  record.seed,
];

/**
 * Those records of a folder that a page may show together with a new one: of the same experiment in
 * the same setting. If a run was made twice, the last one counts.
 */
export function comparableWith(
  newest: ResultRecord,
  records: readonly ResultRecord[],
): ResultRecord[] {
  const key = JSON.stringify(world(newest));
  const runs = new Map<string, ResultRecord>();
  for (const record of records)
    if (JSON.stringify(world(record)) === key) runs.set(JSON.stringify(run(record)), record);
  return [...runs.values()];
}
