/** A figure over all predictions and over the last ones; undefined where it is not defined. */
export interface Gauge {
  readonly help: string;
  readonly all: number | undefined;
  readonly recent: number | undefined;
}

/** By name. */
export type Gauges = Readonly<Record<string, Gauge>>;

/** What a checkpoint keeps. */
export interface SavedScores {
  readonly window: readonly number[];
  readonly sums: readonly number[];
}

/** How good predictions were that were made before what they are about was learned. */
export interface Scores {
  /**
   * Of samples one after the other.
   * @param truth labels, or values.
   * @param predicted classes, or values.
   */
  add(truth: ArrayLike<number>, predicted: ArrayLike<number>): void;
  /** Figures by name. */
  gauges(): Gauges;
  /** Predictions that they are about. */
  readonly samples: { readonly all: number; readonly recent: number };
  /** Plain data to go on from. */
  save(): SavedScores;
  /** Goes on from what `save` gave; from nothing where that is of another model. */
  restore(saved: SavedScores): void;
}
