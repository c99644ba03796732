import type { ResultRecord } from "../../src/record.js";
import type { SettingState } from "../../src/suite/at-hand.js";
import { caseOf, type Variation } from "../../src/suite/case.js";
import { quickScale, type SuiteScale } from "../../src/suite/scale.js";
import { paperSettings, type SuiteSetting } from "../../src/suite/settings.js";
import type { SuiteRun } from "../../src/suite/store.js";
import { record } from "../samples.js";

const mebibyte = 2 ** 20;

export const scale: SuiteScale = {
  ...quickScale,
  seeds: [0, 1],
};

export const settingNamed = (name: string): SuiteSetting =>
  paperSettings.find((each) => each.name === name) as SuiteSetting;

/** What a made-up run came to. */
export interface Figures {
  readonly oacc: number;
  /** MiB. */
  readonly memory?: number;
  readonly seed?: number;
  readonly program?: string;
  readonly scale?: Pick<SuiteScale, "mostItems" | "testSamples">;
  readonly more?: Partial<ResultRecord>;
}

/** A run of a suite with numbers made up by hand. */
export function suiteRun(
  setting: SuiteSetting,
  variation: Variation,
  { oacc, memory = 1, seed = 0, program = "present", more = {}, ...given }: Figures,
): SuiteRun {
  return {
    case: caseOf(setting, variation, seed, given.scale ?? scale),
    program,
    world: [],
    record: record({
      seed,
      oacc,
      memory: { ...record().memory, peak: memory * mebibyte },
      ...more,
    }),
  };
}

export const stateOf = (setting: SuiteSetting, isAtHand = true): SettingState => ({
  setting,
  data: {
    dataset: setting.dataset,
    folder: `/home/somebody/data/${setting.dataset}`,
    isAtHand,
    isDownloaded: false,
    needs: "train.bin",
    page: "https://example.org/data",
  },
});
