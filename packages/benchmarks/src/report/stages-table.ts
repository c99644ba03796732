import { estimate } from "../metrics/statistics.js";
import type { Group } from "./groups.js";

/**
 * One row a learner and stage: gradients and updates beside the items taken in, means over seeds.
 * Null where no record tells, as older ones.
 */
export function stageRows(groups: readonly Group[]): string[][] | null {
  const rows = groups.flatMap(({ label, records }) => {
    const told = records.flatMap(({ learned, stages }) => (stages ? [{ learned, stages }] : []));
    const count = Math.max(0, ...told.map(({ stages }) => stages.length));
    return Array.from({ length: count }, (_, stage) => {
      // A run with fewer stages has nothing to say of the others.
      const runs = told.flatMap(({ learned, stages }) => {
        const own = stages[stage];
        return own ? [{ learned, ...own }] : [];
      });
      const mean = (key: "learned" | "gradients" | "updates") =>
        estimate(runs.map((run) => run[key])).mean.toFixed(0);
      return [label, `${stage}`, mean("learned"), mean("gradients"), mean("updates")];
    });
  });
  return rows.length === 0
    ? null
    : [["method", "stage", "items taken in", "gradients", "updates"], ...rows];
}
