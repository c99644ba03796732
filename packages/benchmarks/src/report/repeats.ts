import type { ResultRecord } from "../record.js";
import { distinctRuns } from "./distinct-runs.js";
import { groupByLabel } from "./groups.js";

/** Sentences for runs that are no further seeds: those that count once, and those that do not agree. */
export function repeats(records: readonly ResultRecord[]): string[] {
  const distinct = distinctRuns(records);
  const again = records.length - distinct.length;
  const once =
    again === 0
      ? []
      : [
          `${again} of ${records.length} records ${again === 1 ? "is" : "are"} of runs that are there ` +
            "already, with the same setting, seed and result; each run counts once",
        ];
  const differing = groupByLabel(distinct).flatMap(({ label, records: runs }) => {
    const seeds = runs.map(({ seed }) => seed);
    return [...new Set(seeds)].flatMap((seed) => {
      const count = seeds.filter((other) => other === seed).length;
      if (count < 2) return [];
      return [
        `${label} has ${count} different results of seed ${seed}; means and errors take them for ` +
          "runs of their own, but they are no further seeds",
      ];
    });
  });
  return [...once, ...differing];
}
