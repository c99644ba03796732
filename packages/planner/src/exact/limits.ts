/** Stages that are covered together, as one bit of a point's mask. */
export interface CoverGroup {
  readonly stages: readonly number[];
  /** Bytes that covering them saves the run. */
  readonly saving: number;
  /** What the bound has taken off already for covering them. */
  readonly credit: number;
}

/** What a partial choice must keep to. */
export interface Limits {
  /** Of points whose gains differ by less, relatively, one is enough; 0 for exact fronts. */
  readonly tolerance: number;
  /** Whether `workers` of such a loss and so many bytes may still become a solution. */
  allows(loss: number, bytes: number, mask: number, workers: number): boolean;
  /** Counts work; throws `OutOfPatience` where none is left. */
  spend(steps: number): void;
}
