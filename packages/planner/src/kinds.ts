import { stageRanges, workPerItem } from "./cost.js";
import type { Profile } from "./profile.js";
import { stashCounts } from "./slots.js";
import { participation, type WorkerConfiguration } from "./worker.js";

/** Forward and backward time of every stage, ms, without repeated forward passes. */
export interface StageDurations {
  readonly forward: readonly number[];
  readonly backward: readonly number[];
}

/** What all workers of one configuration have in common on a partition. */
export interface Kind {
  readonly worker: WorkerConfiguration;
  /** L_i, the period of omission (T3). */
  readonly periods: readonly number[];
  /** Items whose backward pass at the stage is still to come. */
  readonly stash: readonly number[];
  /** ms of a backward pass by stage, with the repeated forward pass under T1. */
  readonly backward: readonly number[];
  /** Work on an item, ms of one unit. */
  readonly work: number;
}

/** A number of workers of one kind. */
export interface Part {
  readonly kind: Kind;
  readonly count: number;
}

export function stageDurations(profile: Profile, partition: readonly number[]): StageDurations {
  const ranges = stageRanges(partition, profile.layers.length);
  const total = (field: "forwardTime" | "backwardTime") =>
    ranges.map(({ first, end }) =>
      profile.layers.slice(first, end).reduce((sum, layer) => sum + layer[field], 0),
    );
  return { forward: total("forwardTime"), backward: total("backwardTime") };
}

export function kindOf(
  profile: Profile,
  partition: readonly number[],
  { forward, backward }: StageDurations,
  worker: WorkerConfiguration,
): Kind {
  const periods = participation(worker.omit);
  return {
    worker,
    periods,
    stash: stashCounts(periods),
    backward: backward.map((time, stage) =>
      worker.recompute ? time + (forward[stage] as number) : time,
    ),
    work: workPerItem(profile, partition, worker),
  };
}

/** A kind whose backward passes take the given time longer, ms by stage. */
export function withBackwardTimes(kind: Kind, more: readonly number[]): Kind {
  const added = more.reduce((sum, time, stage) => sum + time / (kind.periods[stage] as number), 0);
  return {
    ...kind,
    backward: kind.backward.map((time, stage) => time + (more[stage] as number)),
    work: kind.work + added,
  };
}

/** Workers by their configuration, each kind once, in the order in which they come. */
export function partsOf<Known extends Kind>(
  workers: readonly WorkerConfiguration[],
  kindOfWorker: (worker: WorkerConfiguration) => Known,
): { readonly kind: Known; readonly count: number }[] {
  const groups = new Map<string, { worker: WorkerConfiguration; count: number }>();
  for (const worker of workers) {
    const { recompute, accumulate, omit } = worker;
    const key = `${recompute} ${accumulate.join()} ${omit.join()}`;
    const group = groups.get(key);
    if (group) group.count += 1;
    else groups.set(key, { worker, count: 1 });
  }
  return [...groups.values()].map(({ worker, count }) => ({ kind: kindOfWorker(worker), count }));
}
