import { SuiteResults } from "../results.js";
import type { SuiteSetting } from "../settings.js";
import type { SuiteRun } from "../store.js";
import type { Contender } from "../tables/contract.js";

/** Results that remember what was asked for: a report asks for the same runs in every table. */
export class FoundRuns extends SuiteResults {
  readonly #found = new Map<string, SuiteRun[]>();

  override runsOf(setting: SuiteSetting, contender: Pick<Contender, "variation">): SuiteRun[] {
    const key = `${setting.name} ${JSON.stringify(contender.variation)}`;
    const found = this.#found.get(key) ?? super.runsOf(setting, contender);
    this.#found.set(key, found);
    return found;
  }
}
