import type { Variation } from "../case.js";
import type { SuiteScale } from "../scale.js";
import type { SuiteSetting } from "../settings.js";

/** One learner of a table, and how it runs. */
export interface Contender {
  /** Its name there: `Ferret M-`, `er, Ferret M-`. */
  readonly label: string;
  readonly variation: Variation;
  /** Rows that belong together, such as those of one algorithm; default: all do. */
  readonly group?: string;
  /** The contender of the same setting that agm and tagm compare it with; undefined: none. */
  readonly baseline?: string;
  /** Not a competitor, but what bounds them: it is never marked as best. */
  readonly isBound?: boolean;
}

/** A table or figure of the paper: what is run for it, in every setting on every seed. */
export interface SuitePart {
  /** As `ferret suite` takes it. */
  readonly name: string;
  /** What it is headed with. */
  readonly title: string;
  /** What a reader should know of it, a sentence each. */
  readonly notes: readonly string[];
  /** `table`: measures by contender and setting. The others are charts of a setting each. */
  readonly kind: "table" | "memory" | "stream" | "latency";
  contenders(setting: SuiteSetting, scale: SuiteScale): readonly Contender[];
}
