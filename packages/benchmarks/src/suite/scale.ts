/** How much of each setting a suite runs. */
export interface SuiteScale {
  /** The most items of a stream; null: one pass over the data. */
  readonly mostItems: number | null;
  /** Samples of the test split that are looked at in the end, spread evenly over it; null: all. */
  readonly testSamples: number | null;
  readonly seeds: readonly number[];
  /** Whether tables leave out what takes long and says little; see each of them. */
  readonly isQuick: boolean;
}

/** What `--quick` means. */
export const quickScale: SuiteScale = {
  mostItems: 100,
  testSamples: 500,
  seeds: [0, 1, 2],
  isQuick: true,
};

/** A whole pass, as in the paper. */
export const fullScale: SuiteScale = {
  mostItems: null,
  testSamples: null,
  seeds: [0, 1, 2],
  isQuick: false,
};
