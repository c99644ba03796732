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
          `${again} of ${records.length} records ` +
            `repeat${again === 1 ? "s a run that is" : " runs that are"} already there, with the ` +
            "same setting, seed and result; each run counts once",
        ];
  const differing = groupByLabel(distinct).flatMap(({ label, records: runs }) => {
    const seeds = runs.map(({ seed }) => seed);
    return [...new Set(seeds)].flatMap((seed) => {
      const count = seeds.filter((other) => other === seed).length;
      if (count < 2) return [];
      return [
        `${label} has ${count} different results for seed ${seed}; means and errors count them ` +
          "as separate runs, but they are not additional seeds",
      ];
    });
  });
  return [...once, ...differing];
}
