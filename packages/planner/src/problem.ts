import { fullWorkerCount, type StageTimes, stageTimes } from "./cost.js";
import type { Overheads } from "./memory.js";
import type { Profile } from "./profile.js";

/** What the inner search is asked for one partition. */
export interface Problem {
  readonly profile: Profile;
  readonly partition: readonly number[];
  readonly arrivalInterval: number;
  readonly valueDecay: number;
  readonly itemValue: number;
  readonly overheads: Overheads;
  /** Most workers that a plan may have; default as many as the stream needs. */
  readonly maxWorkers?: number;
  /** The compensation that will run, for its time; R leaves it out. */
  readonly compensation?: string;
  /** What turns gradients into steps, for progress. */
  readonly optimizer?: string;
  /** D; the searches leave it to `planForUnits`. */
  readonly computeUnits?: number;
}

/** Most workers worth having: as many as keep up with the stream. */
export function mostWorkersOf(
  { profile, partition, arrivalInterval, maxWorkers }: Problem,
  times: StageTimes = stageTimes(profile, partition),
): number {
  const full = fullWorkerCount(times, arrivalInterval);
  return Math.min(full, maxWorkers ?? full);
}
