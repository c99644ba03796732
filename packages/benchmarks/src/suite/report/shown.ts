import type { SuiteResults } from "../results.js";
import type { SuiteSetting } from "../settings.js";
import type { SuiteRun } from "../store.js";
import type { SuitePart } from "../tables/contract.js";

/** A part, and the settings that it is shown for. */
export interface ShownPart {
  readonly part: SuitePart;
  readonly settings: readonly SuiteSetting[];
}

/** A run, with the name that it has in the first part that shows it. */
export interface NamedRun {
  readonly label: string;
  readonly run: SuiteRun;
}

/** The runs of a setting that any of the parts show, each once. */
export function runsIn(
  results: SuiteResults,
  shown: readonly ShownPart[],
  setting: SuiteSetting,
): NamedRun[] {
  const runs = new Map<SuiteRun, NamedRun>();
  for (const { part, settings } of shown)
    if (settings.includes(setting))
      for (const one of part.contenders(setting, results.scale))
        for (const run of results.runsOf(setting, one))
          if (!runs.has(run)) runs.set(run, { label: one.label, run });
  return [...runs.values()];
}
