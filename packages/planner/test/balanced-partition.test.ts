import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { balancedPartition, mostStages } from "../src/balanced-partition.js";
import { layerTimes } from "../src/partition.js";
import { anyProfile } from "./profiles.js";

/** Every way to cut `count` layers into `stages` runs. */
function allPartitions(count: number, stages: number): number[][] {
  return Array.from({ length: 2 ** (count - 1) }, (_, mask) => [
    0,
    ...Array.from({ length: count - 1 }, (_, cut) => cut + 1).filter(
      (cut) => mask & (1 << (cut - 1)),
    ),
  ]).filter((partition) => partition.length === stages);
}

describe("a balanced partition", () => {
  it("has the least slowest stage of all partitions into so many stages", () => {
    fc.assert(
      fc.property(
        anyProfile({ minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 8 }),
        (profile, stages) => {
          const count = profile.layers.length;
          fc.pre(stages <= mostStages(profile));
          const times = layerTimes(profile);
          const slowest = (partition: readonly number[]) =>
            Math.max(
              ...partition.map((first, stage) =>
                times
                  .slice(first, partition[stage + 1] ?? count)
                  .reduce((sum, time) => sum + time, 0),
              ),
            );
          const partition = balancedPartition(profile, stages);
          expect(partition.length).toBe(stages);
          expect(partition[0]).toBe(0);
          expect(partition).toEqual([...new Set(partition)].sort((a, b) => a - b));
          // No worse for giving every stage something to do.
          const best = Math.min(...allPartitions(count, stages).map(slowest));
          expect(slowest(partition)).toBeCloseTo(best, 9);
        },
      ),
    );
  });

  it("makes no stage that takes no time", () => {
    fc.assert(
      fc.property(
        anyProfile({ minLength: 1, maxLength: 8 }),
        fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
        (profile, idle) => {
          const layers = profile.layers.map((layer, index) =>
            idle[index] ? { ...layer, forwardTime: 0, backwardTime: 0 } : layer,
          );
          const times = layerTimes({ ...profile, layers });
          const working = times.filter((time) => time > 0).length;
          expect(mostStages({ ...profile, layers })).toBe(Math.max(1, working));
          const partition = balancedPartition({ ...profile, layers }, Math.max(1, working));
          partition.forEach((start, stage) => {
            const own = times.slice(start, partition[stage + 1] ?? times.length);
            if (working > 0) expect(own.filter((time) => time > 0).length).toBe(1);
          });
        },
      ),
    );
  });

  it("does not cut where a layer cannot be cut from the one before it", () => {
    fc.assert(
      fc.property(anyProfile({ minLength: 3, maxLength: 8 }), (profile) => {
        const layers = profile.layers.map((layer, index) => ({
          ...layer,
          cuttable: index % 2 === 0,
        }));
        const most = Math.ceil(layers.length / 2);
        const whole = Array.from({ length: most }, (_, stage) => 2 * stage);
        expect(balancedPartition({ ...profile, layers }, most)).toEqual(whole);
        expect(() => balancedPartition({ ...profile, layers }, most + 1)).toThrow(/stageCount/);
      }),
    );
  });

  it("refuses a number of stages that is none", () => {
    const [profile] = fc.sample(anyProfile({ minLength: 2, maxLength: 2 }), 1);
    for (const stages of [0, -1, 1.5, Number.NaN, 3])
      expect(() => balancedPartition(profile!, stages)).toThrow(/from 1 to 2, the most stages/);
  });
});
