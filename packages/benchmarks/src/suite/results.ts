import type { ResultRecord } from "../record.js";
import type { SettingState } from "./at-hand.js";
import { caseOf, identityOf, type SuiteCase } from "./case.js";
import type { SuiteScale } from "./scale.js";
import type { SuiteSetting } from "./settings.js";
import type { SuiteRun } from "./store.js";
import type { Contender, SuitePart } from "./tables/contract.js";

/** A suite's runs, found by what they are for. */
export class SuiteResults {
  readonly parts: readonly SuitePart[];
  /** Those that were asked for, at hand or not. */
  readonly settings: readonly SettingState[];
  readonly scale: SuiteScale;
  readonly #runs = new Map<string, SuiteRun>();

  /** @param runs of any parts, settings and scales; those of other programs are shown as well. */
  constructor(
    parts: readonly SuitePart[],
    settings: readonly SettingState[],
    scale: SuiteScale,
    runs: readonly SuiteRun[],
  ) {
    this.parts = parts;
    this.settings = settings;
    this.scale = scale;
    for (const run of runs) this.#runs.set(identityOf(run.case), run);
  }

  /** The runs of a contender that are there, in order of the seeds. */
  runsOf(setting: SuiteSetting, { variation }: Pick<Contender, "variation">): SuiteRun[] {
    return this.scale.seeds.flatMap((seed) => {
      const run = this.#runs.get(identityOf(caseOf(setting, variation, seed, this.scale)));
      return run ? [run] : [];
    });
  }

  recordsOf(setting: SuiteSetting, contender: Pick<Contender, "variation">): ResultRecord[] {
    return this.runsOf(setting, contender).map(({ record }) => record);
  }
}

/** Every run of the parts, each once: one seed after the other, so that a suite that is stopped compares like with like. */
export function casesOf(
  parts: readonly SuitePart[],
  settings: readonly SuiteSetting[],
  scale: SuiteScale,
): SuiteCase[] {
  const cases = new Map<string, SuiteCase>();
  for (const seed of scale.seeds)
    for (const setting of settings)
      for (const part of parts)
        for (const { variation } of part.contenders(setting, scale)) {
          const one = caseOf(setting, variation, seed, scale);
          cases.set(identityOf(one), one);
        }
  return [...cases.values()];
}
