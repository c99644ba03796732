import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configure, leastPeriods, nextAccumulate } from "../src/configure.js";
import { noOverheads } from "../src/memory.js";
import { paperVersions } from "../src/paper-memory.js";
import { partitions } from "../src/partition.js";
import { Tally } from "../src/tally.js";
import { anyProfile } from "./profiles.js";

describe("nextAccumulate", () => {
  it("is the least c^a with fewer versions, and infinite at two", () => {
    for (let behind = 1; behind <= 40; behind += 1) {
      const versions = (accumulate: number) => paperVersions(behind + 1, 0, accumulate, 0);
      for (let accumulate = 1; accumulate <= behind; accumulate += 1) {
        let least = accumulate + 1;
        while (least <= behind && versions(least) >= versions(accumulate)) least += 1;
        expect(nextAccumulate(behind, accumulate)).toBe(least <= behind ? least : Infinity);
      }
    }
  });
});

/** Periods by trying all: L_i >= P - i, each a multiple of the one behind it. */
function bestByHand(stageValue: readonly number[], stage: number, behind: number): number {
  if (stage < 0) return 0;
  let best = 0;
  for (let period = behind; period <= 4 * stageValue.length; period += behind) {
    if (period < stageValue.length - stage) continue;
    const earlier = bestByHand(stageValue, stage - 1, period);
    best = Math.max(best, (stageValue[stage] as number) / period + earlier);
  }
  return best;
}

describe("leastPeriods", () => {
  it("are the best of all chains with one item in flight a stage", () => {
    const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(values, (stageValue) => {
        const last = stageValue.length - 1;
        const periods = leastPeriods(stageValue);
        periods.forEach((period, stage) => {
          expect(period).toBeGreaterThanOrEqual(stageValue.length - stage);
          expect(period % (periods[stage + 1] ?? 1)).toBe(0);
        });
        expect(periods[last]).toBe(1);
        const found = periods.reduce(
          (sum, period, i) => sum + (stageValue[i] as number) / period,
          0,
        );
        const best = (stageValue[last] as number) + bestByHand(stageValue, last - 1, 1);
        expect(found).toBeCloseTo(best, 9);
      }),
    );
  });

  it("stay far below the least common multiple of full omission", () => {
    expect(leastPeriods([1, 1, 1, 1, 1, 1, 1, 1])).toEqual([8, 8, 8, 8, 4, 4, 2, 1]);
  });
});

describe("configure", () => {
  it("fits any budget from none to all, or says that it cannot, and never beats no technique", () => {
    fc.assert(
      fc.property(
        anyProfile({ minLength: 1, maxLength: 7 }),
        fc.double({ min: 0.2, max: 30, noNaN: true }),
        fc.double({ min: 0, max: 1.1, noNaN: true }),
        fc.integer({ min: 1, max: 3 }),
        (profile, arrivalInterval, share, executorCount) => {
          for (const partition of partitions(profile)) {
            const overheads = { ...noOverheads, executorCount };
            const problem = {
              profile,
              partition,
              arrivalInterval,
              valueDecay: 0.01,
              itemValue: 1,
              overheads,
            };
            const plain = Tally.plain(problem).score;
            const budget = Math.floor(share * plain.memory);
            const found = configure(problem, budget);
            if (found === null) continue;
            expect(found.score.memory).toBeLessThanOrEqual(budget);
            expect(found.score.rate).toBeLessThanOrEqual(plain.rate * (1 + 1e-9));
            expect(found.score.rate).toBeGreaterThan(0);
            for (const worker of found.workers) expect(worker.omit.at(-1)).toBe(0);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
