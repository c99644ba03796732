import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layerTimes, partitions } from "../src/partition.js";
import { plan } from "../src/plan.js";
import { anyProfile, profileOf } from "./profiles.js";

/** Every way to cut `count` layers into runs. */
function allPartitions(count: number): number[][] {
  return Array.from({ length: 2 ** (count - 1) }, (_, mask) => [
    0,
    ...Array.from({ length: count - 1 }, (_, cut) => cut + 1).filter(
      (cut) => mask & (1 << (cut - 1)),
    ),
  ]);
}

/** Time of a run of layers, added up from its first. */
function runTime(times: readonly number[], first: number, end: number): number {
  return times.slice(first, end).reduce((sum, time) => sum + time, 0);
}

function slowestStage(times: readonly number[], partition: readonly number[]): number {
  return Math.max(
    ...partition.map((first, stage) => runTime(times, first, partition[stage + 1] ?? times.length)),
  );
}

describe("partitions", () => {
  it("are exactly the contiguous ones in which no stage could take its next layer", () => {
    // A partition is greedy for the bound "its slowest stage" iff every stage with the first layer
    // of the next one would exceed that bound, or that layer starts a stage whatever the bound.
    fc.assert(
      fc.property(
        anyProfile({ minLength: 1, maxLength: 8 }),
        fc.array(fc.nat({ max: 7 }), { maxLength: 3 }),
        (drawn, fixed) => {
          const layers = drawn.layers.map((layer, index) =>
            fixed.includes(index) ? { ...layer, startsStage: true } : layer,
          );
          const times = layerTimes(drawn);
          const greedy = allPartitions(times.length).filter((partition) => {
            const bound = slowestStage(times, partition);
            const keeps = fixed.every((cut) => cut >= times.length || partition.includes(cut));
            const fills = partition.every((first, stage) => {
              const next = partition[stage + 1];
              if (next === undefined || fixed.includes(next)) return true;
              return runTime(times, first, next + 1) > bound;
            });
            return keeps && fills;
          });
          const found = partitions({ ...drawn, layers });
          expect(found.map(String).sort()).toEqual(greedy.map(String).sort());
        },
      ),
      { numRuns: 300 },
    );
  });

  it("need no more stages than any partition with the same slowest stage", () => {
    fc.assert(
      fc.property(anyProfile({ minLength: 1, maxLength: 7 }), (profile) => {
        const times = layerTimes(profile);
        for (const partition of partitions(profile)) {
          const bound = slowestStage(times, partition);
          for (const other of allPartitions(times.length))
            if (slowestStage(times, other) <= bound)
              expect(other.length).toBeGreaterThanOrEqual(partition.length);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("go from one layer a stage to one stage", () => {
    const profile = profileOf([{}, {}, {}, {}]);
    expect(partitions(profile)).toEqual([[0, 1, 2, 3], [0, 2], [0, 3], [0]]);
  });

  it("never cut before a layer that is not cuttable", () => {
    const glued = { cuttable: false };
    expect(partitions(profileOf([{}, glued, {}, {}, glued]))).toEqual([[0, 2, 3], [0, 3], [0]]);
    expect(partitions(profileOf([{}, glued]))).toEqual([[0]]);
    const profile = profileOf([{}, glued, {}]);
    const request = { profile, arrivalInterval: 1, memoryBudget: null };
    expect(plan(request).partition).toEqual([0, 2]);
    expect(() => plan({ ...request, partition: [0, 1] })).toThrow("starts at layer 1");
    expect(plan({ ...request, profile: profileOf([{}, glued]) }).partition).toEqual([0]);
  });

  it("always cut before a layer that starts a stage, and search the other cuts", () => {
    const fixed = { startsStage: true };
    expect(partitions(profileOf([{}, {}, {}, fixed, {}]))).toEqual([
      [0, 1, 2, 3, 4],
      [0, 2, 3],
      [0, 3],
    ]);
    const profile = profileOf([{}, {}, {}, fixed, {}]);
    const request = { profile, arrivalInterval: 1, memoryBudget: null };
    expect(plan(request).partition).toEqual([0, 1, 2, 3, 4]);
    expect(plan({ ...request, maxStages: 2 }).partition).toEqual([0, 3]);
    expect(() => plan({ ...request, maxStages: 1 })).toThrow("at least 2 for maxStages");
    expect(() => plan({ ...request, partition: [0, 2] })).toThrow("starts at layer 3");
    const torn = profileOf([{}, { cuttable: false, startsStage: true }]);
    expect(() => plan({ ...request, profile: torn })).toThrow("layers[1].startsStage");
  });

  it("put layers that take no time into a neighbour's stage", () => {
    const free = { forwardTime: 0, backwardTime: 0 };
    expect(partitions(profileOf([free, {}, free, {}, free]))).toEqual([[0, 3], [0]]);
  });
});
