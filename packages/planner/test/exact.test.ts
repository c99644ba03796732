import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  leastMemory,
  type Profile,
  partitions,
  plan,
  type SearchProgress,
  stageTimes,
} from "../src/index.js";
import { everyFleet } from "./every-fleet.js";
import { anyProfile } from "./profiles.js";

function withBudgets(mostStages: number, mostWorkers: number, runs: number, budgets: number) {
  fc.assert(
    fc.property(
      anyProfile({ minLength: 2, maxLength: mostStages }),
      fc.integer({ min: 1, max: mostWorkers }),
      fc.array(fc.double({ min: 0, max: 1.05, noNaN: true }), {
        minLength: budgets,
        maxLength: budgets,
      }),
      fc.integer({ min: 0, max: 2 }),
      (profile, workerCount, shares, compensationVectors) => {
        const partition = profile.layers.map((_, layer) => layer);
        const { stageForwardTime, stageBackwardTime } = stageTimes(profile, partition);
        const arrivalInterval = (stageForwardTime + stageBackwardTime) / (workerCount - 0.4);
        const overheads = { compensationVectors };
        const request = { profile, partition, arrivalInterval, overheads };
        const fleets = everyFleet(request);
        const most = Math.max(...fleets.map(({ memory }) => memory));
        const least = leastMemory(request).memory.total;
        for (const share of shares) {
          const memoryBudget = Math.floor(least + share * (most - least));
          const best = fleets.reduce(
            (rate, fleet) => (fleet.memory <= memoryBudget ? Math.max(rate, fleet.rate) : rate),
            0,
          );
          const exact = plan({ ...request, memoryBudget });
          const greedy = plan({ ...request, memoryBudget, strategy: "greedy" });
          expect(exact.optimalityGap).toBe(0);
          expect(exact.memory.total).toBeLessThanOrEqual(memoryBudget);
          expect(Math.abs(exact.adaptationRate / best - 1)).toBeLessThan(1e-9);
          expect(greedy.adaptationRate).toBeLessThanOrEqual(exact.adaptationRate * (1 + 1e-9));
        }
      },
    ),
    { numRuns: runs },
  );
}

describe("the exact search", () => {
  it("finds the best of all configurations: two stages, up to three workers", () => {
    withBudgets(2, 3, 150, 10);
  });

  it("finds the best of all configurations: three stages, one or two workers", () => {
    withBudgets(3, 2, 40, 15);
  });

  it("finds the best of all configurations: three stages, three workers", () => {
    withBudgets(3, 3, 3, 100);
  });

  it("never falls below greedy over partitions, keeps its budget and gives the same plan again", () => {
    fc.assert(
      fc.property(
        anyProfile({ minLength: 2, maxLength: 9 }),
        fc.double({ min: 1, max: 16, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (profile, pressure, share) => {
          const request = { profile, arrivalInterval: profile.sequentialTime / pressure };
          const least = leastMemory(request).memory.total;
          const most = plan({ ...request, memoryBudget: null }).memory.total;
          const memoryBudget = Math.floor(least + share * Math.max(0, most - least));
          const exact = plan({ ...request, memoryBudget, patience: 20 });
          const greedy = plan({ ...request, memoryBudget, strategy: "greedy" });
          const gap = exact.optimalityGap as number;
          expect(gap).toBeGreaterThanOrEqual(0);
          expect(greedy.adaptationRate).toBeLessThanOrEqual(
            exact.adaptationRate * (1 + gap) * (1 + 1e-9),
          );
          if (gap === 0)
            expect(greedy.adaptationRate).toBeLessThanOrEqual(exact.adaptationRate * (1 + 1e-9));
          expect(exact.memory.total).toBeLessThanOrEqual(memoryBudget);
          expect(plan({ ...request, memoryBudget, patience: 20 })).toEqual(exact);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("never falls below greedy of the same patience, many layers, little patience or few units included", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyProfile({ minLength: 2, maxLength: 12 }),
          anyProfile({ minLength: 40, maxLength: 100 }),
        ),
        fc.double({ min: 1, max: 16, noNaN: true }),
        fc.oneof(
          fc.double({ min: 0, max: 0.2, noNaN: true }),
          fc.double({ min: 0, max: 1, noNaN: true }),
        ),
        fc.constantFrom(0.01, 1, 20),
        fc.option(fc.double({ min: 0.5, max: 8, noNaN: true }), { nil: undefined }),
        (profile, pressure, share, patience, computeUnits) => {
          const request = {
            profile,
            arrivalInterval: profile.sequentialTime / pressure,
            patience,
            ...(computeUnits === undefined ? {} : { computeUnits }),
          };
          const least = leastMemory(request).memory.total;
          const most = plan({ ...request, memoryBudget: null }).memory.total;
          const memoryBudget = Math.floor(least + share * Math.max(0, most - least));
          const exact = plan({ ...request, memoryBudget });
          const greedy = plan({ ...request, memoryBudget, strategy: "greedy" });
          expect(greedy.adaptationRate).toBeLessThanOrEqual(exact.adaptationRate * (1 + 1e-9));
          expect(Math.max(greedy.memory.total, exact.memory.total)).toBeLessThanOrEqual(
            memoryBudget,
          );
          expect([exact.strategy, greedy.strategy]).toEqual(["exact", "greedy"]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([
    { strategy: "exact" },
    { strategy: "exact", computeUnits: 2 },
    { strategy: "greedy" },
  ] as const)("tells its progress all the way: %j", (how) => {
    const [profile] = fc.sample(anyProfile({ minLength: 9, maxLength: 9 }), {
      seed: 5,
      numRuns: 1,
    });
    const request = { profile: profile as Profile, arrivalInterval: 1, ...how };
    const least = leastMemory(request).memory.total;
    const told: number[] = [];
    const onProgress = ({ used, rate, bound }: SearchProgress) => {
      told.push(used);
      expect(bound).toBeGreaterThanOrEqual(rate * (1 - 1e-9));
    };
    plan({ ...request, memoryBudget: Math.floor(1.2 * least), patience: 20, onProgress });
    expect(Math.min(...told)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...told)).toBeLessThanOrEqual(1);
    expect(told.length).toBeGreaterThan(3);
  });

  it("says how far it is from the best where patience ends it", () => {
    const [profile] = fc.sample(anyProfile({ minLength: 9, maxLength: 9 }), {
      seed: 5,
      numRuns: 1,
    });
    const request = { profile: profile as Profile, arrivalInterval: 1 };
    const least = leastMemory(request).memory.total;
    const most = plan({ ...request, memoryBudget: null }).memory.total;
    const memoryBudget = Math.floor((least + most) / 2);
    const told: number[] = [];
    const hasty = plan({
      ...request,
      memoryBudget,
      patience: 0.01,
      onProgress: ({ used, rate, bound }) => {
        told.push(used);
        expect(bound).toBeGreaterThanOrEqual(rate * (1 - 1e-9));
      },
    });
    const calm = plan({ ...request, memoryBudget, patience: 1000 });
    expect(told.length).toBeGreaterThan(0);
    expect(hasty.optimalityGap).toBeGreaterThan(0);
    expect(calm.adaptationRate).toBeLessThanOrEqual(
      hasty.adaptationRate * (1 + (hasty.optimalityGap as number)),
    );
    expect(partitions(profile as Profile).length).toBeGreaterThan(1);
  });
});
