import type { Task } from "../../course/contract.js";

/** How long tasks take on a virtual clock. */
export interface Durations {
  /** Nanoseconds; 0 where no time passes. */
  of(task: Task): number;
}

/** Nanoseconds of the passes of one stage. */
export interface PassTimes {
  readonly forward: number;
  readonly backward: number;
  /** Of the weight gradient, where that is a pass of its own. */
  readonly weight: number;
}

/** The same for every item: by worker and stage. Updates take no time. */
export class PassDurations implements Durations {
  readonly #times: readonly (readonly PassTimes[])[];

  /** @param times by worker, by stage. */
  constructor(times: readonly (readonly PassTimes[])[]) {
    this.#times = times;
  }

  of({ kind, worker, stage }: Task): number {
    const times = this.#times[worker]?.[stage] as PassTimes;
    if (kind === "F") return times.forward;
    if (kind === "B") return times.backward;
    return kind === "W" ? times.weight : 0;
  }
}
