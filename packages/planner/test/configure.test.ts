import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configure } from "../src/configure.js";
import { Effort } from "../src/effort.js";
import { greedy, ranksBefore } from "../src/greedy.js";
import { leastPeriods } from "../src/least.js";
import { noOverheads, predictMemory } from "../src/memory.js";
import { outlineOf } from "../src/outline.js";
import { paperVersions } from "../src/paper-memory.js";
import { partitions } from "../src/partition.js";
import { Tally } from "../src/tally.js";
import { nextAccumulate } from "../src/technique.js";
import { anyProfile, profileOf } from "./profiles.js";

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

describe("greedy", () => {
  // Three stages, one worker. T1 first. T3 at stage 1 saves a version at once. T2 at stage 0 trades
  // two versions for one accumulator and one more version: it saves nothing before that T3, and
  // costs a version's bytes after it.
  const heavy = { parameterBytes: 6400, forwardTime: 1, backwardTime: 2 };
  const problem = {
    profile: profileOf([heavy, heavy, heavy]),
    partition: [0, 1, 2],
    arrivalInterval: 3,
    valueDecay: 0.01,
    itemValue: 1,
    overheads: noOverheads,
  };
  const off = { recompute: true, accumulate: [1, 1, 1], omit: [0, 0, 0] };
  const memory = (omit: number[]) =>
    predictMemory(problem.profile, problem.partition, [{ ...off, omit }]).total;
  const reached = (budget: number) => greedy(problem, budget, Tally.plain(problem))?.workers;

  it("ranks by loss of R for each byte saved, and what saves nothing last", () => {
    const now = { rate: 1, memory: 100 };
    const ranked = [
      { rate: 1.1, memory: 90 }, // a gain
      { rate: 0.9, memory: 50 }, // 0.002 a byte
      { rate: 0.96, memory: 90 }, // 0.004 a byte
      { rate: 0.99, memory: 120 }, // costs memory, least loss
      { rate: 0.98, memory: 100 },
    ];
    ranked.forEach((a, i) => {
      ranked.forEach((b, j) => {
        expect(ranksBefore(a, b, now)).toBe(i < j);
      });
    });
  });

  it("takes T1 for all workers first", () => {
    expect(reached(memory([0, 0, 0]))).toEqual([off]);
  });

  it("ranks a step that saves nothing last", () => {
    expect(reached(memory([0, 0, 0]) - 1)).toEqual([{ ...off, omit: [0, 1, 0] }]);
  });

  it("passes through a T2 that costs memory to the T3 behind it", () => {
    const gathering = { ...off, accumulate: [2, 1, 1], omit: [0, 1, 0] };
    const { total } = predictMemory(problem.profile, problem.partition, [gathering]);
    expect(total).toBeGreaterThan(memory([0, 1, 0]));
    expect(reached(memory([0, 1, 0]) - 1)).toEqual([{ ...off, omit: [2, 1, 0] }]);
  });

  it("removes workers by T4 down to one, then gives up", () => {
    const quick = { ...problem, arrivalInterval: 1 };
    const plain = Tally.plain(quick);
    expect(plain.workers.length).toBe(3);
    const least = memory([2, 1, 0]);
    expect(greedy(quick, least, plain)?.workers).toEqual([{ ...off, omit: [2, 1, 0] }]);
    expect(greedy(quick, least - 1, plain)).toBeNull();
  });

  it("gives up where patience runs out, also on a single partition of hundreds of stages", () => {
    const profile = profileOf(new Array(300).fill({}));
    const partition = profile.layers.map((_, layer) => layer);
    const large = { ...problem, profile, partition };
    const budget = outlineOf(large).least.memory + 10_000;
    const effort = new Effort(1);
    expect(greedy(large, budget, Tally.plain(large), effort)).toBeNull();
    expect(effort.isExhausted).toBe(true);
    const found = configure(large, budget, effort) as Tally;
    expect(found.score.memory).toBeLessThanOrEqual(budget);
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
