import { checkLayers } from "./check.js";
import { expected } from "./errors.js";
import { cuttableStarts, layerTimes } from "./partition.js";
import type { Profile } from "./profile.js";

/**
 * Units that may begin a stage: those that take time and come after others that do. A layer that
 * takes no time, such as a flattening one, would be a stage that does nothing.
 */
function stageStarts(profile: Profile): number[] {
  const starts = cuttableStarts(profile);
  const times = layerTimes(profile);
  const takesTime = (from: number, end: number) => times.slice(from, end).some((time) => time > 0);
  return starts.filter(
    (start, unit) =>
      unit === 0 || (takesTime(0, start) && takesTime(start, starts[unit + 1] ?? times.length)),
  );
}

/** The most stages that a model can be cut into so that each of them takes time. */
export function mostStages(profile: Profile): number {
  checkLayers(profile);
  return stageStarts(profile).length;
}

/**
 * Cuts the model into exactly `stageCount` stages so that the slowest one is as fast as it can be,
 * for a schedule whose number of stages is given. Dynamic programming over the last cut:
 *
 * ```
 * slowest(n, s) = min over m < n of max(slowest(m, s - 1), time of layers m .. n - 1)
 * ```
 *
 * @returns first layer of every stage.
 * @throws InputError if the model cannot be cut into that many.
 */
export function balancedPartition(profile: Profile, stageCount: number): number[] {
  checkLayers(profile);
  const starts = stageStarts(profile);
  const count = starts.length;
  if (!Number.isInteger(stageCount) || stageCount < 1 || stageCount > count)
    throw expected(
      `a whole number from 1 to ${count}, the most stages that ${profile.model} can be cut into,`,
      "stageCount",
      stageCount,
    );
  // Time of all layers before a unit, so that a run of units is a difference.
  const before = [0];
  const times = layerTimes(profile);
  for (let unit = 0; unit < count; unit++) {
    const own = times.slice(starts[unit], starts[unit + 1] ?? times.length);
    before.push(own.reduce((sum, time) => sum + time, before[unit] as number));
  }
  let slowest = before.map((time, units) => (units === 0 ? Number.POSITIVE_INFINITY : time));
  const cuts: number[][] = [];
  for (let stage = 1; stage < stageCount; stage++) {
    const next = new Array<number>(count + 1).fill(Number.POSITIVE_INFINITY);
    const cut = new Array<number>(count + 1).fill(0);
    for (let end = stage + 1; end <= count; end++)
      for (let from = stage; from < end; from++) {
        const own = (before[end] as number) - (before[from] as number);
        const time = Math.max(slowest[from] as number, own);
        if (time >= (next[end] as number)) continue;
        next[end] = time;
        cut[end] = from;
      }
    slowest = next;
    cuts.push(cut);
  }
  const partition: number[] = [];
  let end = count;
  for (const cut of cuts.reverse()) {
    end = cut[end] as number;
    partition.unshift(starts[end] as number);
  }
  return [0, ...partition];
}
