import { checkLayers } from "./check.js";
import type { Profile } from "./profile.js";

/** A partition, and the least bound at which the grouping changes. */
interface Grouping {
  /** The first layer of every stage. */
  readonly partition: number[];
  /** ms; infinite where a single stage is left. */
  readonly nextBound: number;
}

/**
 * Groups consecutive layers greedily as long as a stage's forward and backward time stays within
 * `bound` (ms), which must not be below the slowest layer's time. With a larger bound nothing
 * changes until some stage can take in the first layer after it, unless that layer must start a
 * stage.
 */
function groupLayers(
  layerTimes: readonly number[],
  isFixed: readonly boolean[],
  bound: number,
): Grouping {
  const partition = [0];
  let time = 0;
  let nextBound = Number.POSITIVE_INFINITY;
  layerTimes.forEach((layerTime, index) => {
    const taken = time + layerTime;
    if (index > 0 && (isFixed[index] || taken > bound)) {
      if (!isFixed[index]) nextBound = Math.min(nextBound, taken);
      partition.push(index);
      time = layerTime;
    } else {
      time = taken;
    }
  });
  return { partition, nextBound };
}

/** Forward and backward time of every layer, ms. */
export function layerTimes(profile: Profile): number[] {
  return profile.layers.map((layer) => layer.forwardTime + layer.backwardTime);
}

/** First layers of the runs that can only be moved as one, by `cuttable`; layer 0 starts the first. */
export function cuttableStarts(profile: Profile): number[] {
  return profile.layers.flatMap(({ cuttable }, index) =>
    index === 0 || cuttable !== false ? [index] : [],
  );
}

/**
 * The partitions of the outer search (Eq. 13-16): the greedy grouping for every bound t^c, each one
 * once, from many stages to few. Of the (L² + L) / 2 bounds only those are visited at which the
 * grouping changes, about L ln L. Layers that cannot be cut from the one before stay with it; those
 * that must start a stage do so in every partition.
 */
export function partitions(profile: Profile): number[][] {
  checkLayers(profile);
  const starts = cuttableStarts(profile);
  const layers = layerTimes(profile);
  const times = starts.map((first, unit) =>
    layers.slice(first, starts[unit + 1] ?? layers.length).reduce((sum, time) => sum + time, 0),
  );
  const found: number[][] = [];
  const isFixed = starts.map((first) => profile.layers[first]?.startsStage === true);
  let bound = times.reduce((most, time) => Math.max(most, time), 0);
  while (Number.isFinite(bound)) {
    const { partition, nextBound } = groupLayers(times, isFixed, bound);
    found.push(partition.map((unit) => starts[unit] as number));
    bound = nextBound;
  }
  return found;
}
