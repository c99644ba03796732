import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adaptationRate, explain, leastMemory, plan, predictMemory, sweep } from "../src/index.js";
import { anyProfile, profileOf } from "./profiles.js";

const several = anyProfile({ minLength: 2, maxLength: 5 });
const pressures = fc.double({ min: 1, max: 10, noNaN: true });

describe("explain", () => {
  it("gives the plan's own memory by stage, and each technique's change of R and bytes", () => {
    fc.assert(
      fc.property(
        several,
        pressures,
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        (profile, pressure, share) => {
          const base = { profile, arrivalInterval: profile.sequentialTime / pressure };
          const least = leastMemory(base).memory.total;
          const most = plan({ ...base, memoryBudget: null }).memory.total;
          const memoryBudget = Math.floor(least + share * Math.max(0, most - least));
          const request = { ...base, memoryBudget };
          const found = plan(request);
          const { stages, techniques, nextMebibyte } = explain(found, request);
          const { byCategory } = found.memory;
          const sum = (of: (stage: (typeof stages)[number]) => number) =>
            stages.reduce((total, stage) => total + of(stage), 0);
          expect(sum(({ bytes }) => bytes.versions)).toBe(byCategory.versions);
          expect(sum(({ bytes }) => bytes.activations)).toBeLessThanOrEqual(byCategory.activations);
          expect(sum(({ bytes }) => bytes.boundary)).toBeLessThanOrEqual(byCategory.boundaries);
          expect(stages.flatMap(({ layers }) => layers)).toEqual(
            profile.layers.map(({ name }) => name),
          );
          for (const { technique, worker, rateChange, memoryChange } of techniques) {
            if (technique !== "T1" || worker === null) continue;
            const workers = found.workers.with(worker, {
              ...(found.workers[worker] as (typeof found.workers)[number]),
              recompute: false,
            });
            const other = { profile, partition: found.partition, workers };
            expect(rateChange).toBe(found.adaptationRate - adaptationRate({ ...base, ...other }));
            expect(memoryChange).toBe(
              found.memory.total - predictMemory(profile, found.partition, workers).total,
            );
          }
          const names = techniques.map(({ technique }) => technique);
          expect(names.includes("T1")).toBe(found.workers.some(({ recompute }) => recompute));
          expect(names.includes("T4")).toBe(found.removedWorkers > 0);
          expect(nextMebibyte?.rate).toBeGreaterThanOrEqual(found.adaptationRate);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("sweep", () => {
  it("rises from the least plan to the plan without a limit", () => {
    const profile = profileOf([{}, { parameterBytes: 6400 }, { forwardTime: 2 }, {}]);
    const request = { profile, arrivalInterval: 1 };
    const front = sweep(request, 8);
    expect(front[0]?.memoryBudget).toBe(leastMemory(request).memory.total);
    expect(front.at(-1)?.adaptationRate).toBe(
      plan({ ...request, memoryBudget: null }).adaptationRate,
    );
    front.forEach(({ memoryBudget, adaptationRate: rate, plan: each }, index) => {
      expect(each.memory.total).toBeLessThanOrEqual(memoryBudget);
      expect(rate).toBeGreaterThanOrEqual(front[index - 1]?.adaptationRate ?? 0);
    });
  });
});

describe("workers given by hand", () => {
  const request = { profile: profileOf([{}, {}]), arrivalInterval: 1, partition: [0, 1] };
  const workers = [{ recompute: true, accumulate: [2, 1], omit: [0, 0] }];

  it("are what the plan holds, and are checked against the budget", () => {
    const found = plan({ ...request, workers, memoryBudget: null });
    expect(found.workers).toEqual(workers);
    expect(found.strategy).toBe("given");
    const { total } = predictMemory(request.profile, [0, 1], workers);
    expect(found.memory.total).toBe(total);
    expect(plan({ ...request, workers, memoryBudget: total }).memory.total).toBe(total);
    expect(() => plan({ ...request, workers, memoryBudget: total - 1 })).toThrow(`${total} bytes`);
  });

  it("must fit a partition that is given too", () => {
    const { partition, ...searched } = request;
    expect(() => plan({ ...searched, workers, memoryBudget: null })).toThrow("for partition");
    const wrong = [{ recompute: true, accumulate: [2], omit: [0] }];
    expect(() => plan({ ...request, workers: wrong, memoryBudget: null })).toThrow(
      "2 entries, one per stage, for workers[0].",
    );
  });
});
