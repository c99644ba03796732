import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adaptationRate, leastMemory, type PlanRequest, plan } from "../src/index.js";
import { anyProfile, profileOf } from "./profiles.js";

describe("a plan for finite compute units", () => {
  it("never promises more than without the limit, nor more than its gap allows, and keeps its budget", () => {
    fc.assert(
      fc.property(
        anyProfile({ minLength: 2, maxLength: 5 }),
        fc.double({ min: 1, max: 12, noNaN: true }),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 12 }),
        (profile, pressure, share, computeUnits) => {
          const arrivalInterval = profile.sequentialTime / pressure;
          const request = { profile, arrivalInterval, memoryBudget: null };
          const least = leastMemory(request).memory.total;
          const most = plan(request).memory.total;
          const memoryBudget = Math.floor(least + share * Math.max(0, most - least));
          const free = plan({ ...request, memoryBudget });
          const found = plan({ ...request, memoryBudget, computeUnits });
          const { partition, workers } = found;
          const promised = { profile, partition, workers, arrivalInterval, computeUnits };
          expect(found.adaptationRate).toBe(adaptationRate(promised));
          expect(found.memory.total).toBeLessThanOrEqual(memoryBudget);
          expect(found.prediction?.utilisation).toBeLessThanOrEqual(1 + 1e-6);
          expect(found.adaptationRate).toBeLessThanOrEqual(
            free.adaptationRate * (1 + (free.optimalityGap as number)) * (1 + 1e-9),
          );
          // The plan that knows nothing of the limit is one that could have been taken.
          const naive = adaptationRate({ ...promised, ...free, computeUnits, profile });
          expect(found.adaptationRate).toBeGreaterThanOrEqual(naive * (1 - 1e-9));
          expect(naive).toBeLessThanOrEqual(
            found.adaptationRate * (1 + (found.optimalityGap as number)) * (1 + 1e-9),
          );
        },
      ),
      { numRuns: 20 },
    );
  });

  const good = { profile: profileOf([{}, {}, {}]), arrivalInterval: 1, memoryBudget: null };

  it("of twice the speed is the plan of half the times", () => {
    const layers = [{}, {}, {}].map(() => ({ forwardTime: 0.5, backwardTime: 1 }));
    const quick = plan({ ...good, profile: profileOf(layers), computeUnits: 3 });
    expect(plan({ ...good, unitSpeeds: [1, 2, 3] })).toEqual(quick);
  });

  it.each([
    [{ computeUnits: 0 }, "computeUnits but received 0"],
    [{ computeUnits: 2, unitSpeeds: [1] }, "2 entries, one per compute unit, for unitSpeeds"],
    [{ unitSpeeds: [] }, "unitSpeeds but received"],
    [{ unitSpeeds: [1, -1] }, "unitSpeeds[1] but received -1"],
    [{ maxWorkers: 0 }, "maxWorkers but received 0"],
  ])("names what is wrong with %o", (change, message) => {
    expect(() => plan({ ...good, ...change } as PlanRequest)).toThrow(message);
  });

  it("keeps to maxWorkers", () => {
    expect(plan({ ...good, maxWorkers: 2 }).workerCount).toBeLessThanOrEqual(2);
  });
});
