import type { ResultRecord } from "../record.js";

/**
 * The records without those of a run that is there already: read twice, from one folder or two, or
 * made again with the same result. None of them is a second seed.
 */
export function distinctRuns(records: readonly ResultRecord[]): ResultRecord[] {
  const known = new Set<string>();
  return records.filter((record) => {
    const key = resultOf(record);
    const isNew = !known.has(key);
    known.add(key);
    return isNew;
  });
}

/** All of a record that follows from setting and seed, where the clock is virtual. */
function resultOf(record: ResultRecord): string {
  const { throughput, wallTime, residentGrowth, environment, gitRevision, ...result } = record;
  return JSON.stringify(result);
}
