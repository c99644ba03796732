/** An item on its way through a worker's stages, and the slots it holds. Reused from item to item. */
export interface Flight {
  /** Index of this record in its worker's pool. */
  slot: number;
  item: number;
  worker: number;
  /** Arrival time in nanoseconds. */
  arrival: number;
  /** Samples of the composed batch. */
  size: number;
  /** The first stage that learns from this item; stages before it omit the backward pass (T3). */
  firstLearning: number;
  input: number;
  labels: number;
  readonly boundaries: Int32Array;
  readonly saved: Int32Array;
  readonly versions: Int32Array;
}

/** A flight record for a pipeline of `stageCount` stages. */
export function createFlight(stageCount: number): Flight {
  return {
    slot: -1,
    item: -1,
    worker: -1,
    arrival: 0,
    size: 0,
    firstLearning: 0,
    input: -1,
    labels: -1,
    boundaries: new Int32Array(stageCount).fill(-1),
    saved: new Int32Array(stageCount).fill(-1),
    versions: new Int32Array(stageCount).fill(-1),
  };
}
