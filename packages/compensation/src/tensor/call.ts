import type { CompensationContext } from "../contract.js";
import type { Tensor } from "./contract.js";

/** What a method knows of one gradient. */
export interface TensorCall<T extends Tensor<T>, Settings = unknown> {
  readonly gradient: T;
  /** At least one. */
  readonly versions: readonly T[];
  /** d = newest - oldest version. */
  readonly change: T;
  readonly context: CompensationContext;
  readonly settings: Settings;
  /** Gradients so far, this one included. */
  readonly count: number;
  /** Their staleness, averaged. */
  readonly usual: number;
  /** Frees at once all tensors that `work` makes but its result and those set. */
  tidy(work: () => T): T;
  /** A tensor that is kept until the next call: the last value set, or `start`. */
  get(name: string, start: "zeros" | number): T;
  set(name: string, value: T): T;
}
