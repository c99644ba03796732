import type { Profile } from "./profile.js";

/**
 * Groups consecutive layers greedily while a stage's forward and backward time stays within
 * `bound` (ms), which must not be below the slowest layer's time.
 * @returns the first layer of every stage.
 */
function groupLayers(layerTimes: readonly number[], bound: number): number[] {
  const partition = [0];
  let time = 0;
  layerTimes.forEach((layerTime, index) => {
    // Added up from the stage's first layer on, as in `stageBounds`, so that rounding cannot
    // make a run exceed the very bound that was taken from it.
    if (index > 0 && time + layerTime > bound) {
      partition.push(index);
      time = layerTime;
    } else {
      time += layerTime;
    }
  });
  return partition;
}

/** Distinct times of runs of consecutive layers that no single layer exceeds, rising, ms. */
function stageBounds(layerTimes: readonly number[]): number[] {
  const slowest = layerTimes.reduce((most, time) => Math.max(most, time), 0);
  const bounds = new Set<number>();
  for (let first = 0; first < layerTimes.length; first += 1) {
    let time = 0;
    for (let last = first; last < layerTimes.length; last += 1) {
      time += layerTimes[last] as number;
      if (time >= slowest) bounds.add(time);
    }
  }
  return [...bounds].sort((a, b) => a - b);
}

/** Forward and backward time of every layer, ms. */
export function layerTimes(profile: Profile): number[] {
  return profile.layers.map((layer) => layer.forwardTime + layer.backwardTime);
}

/**
 * The outer search's partitions (Eq. 13-16): for every bound t^c the greedy grouping, each one
 * once, from many stages to few. At most (L² + L) / 2 bounds, far fewer partitions.
 */
export function partitions(profile: Profile): number[][] {
  const times = layerTimes(profile);
  const found = new Map<string, number[]>();
  for (const bound of stageBounds(times)) {
    const partition = groupLayers(times, bound);
    found.set(partition.join(), partition);
  }
  return [...found.values()];
}
