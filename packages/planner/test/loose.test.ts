import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Effort } from "../src/effort.js";
import { LooseBounds } from "../src/exact/loose.js";
import { adaptationRate, plainWorkers, stageTimes } from "../src/index.js";
import { noOverheads } from "../src/memory.js";
import { StageTerms } from "../src/stage-terms.js";
import { everyFleet } from "./every-fleet.js";
import { anyProfile } from "./profiles.js";

/** Two or three stages of one layer each, one to three workers. */
const anyProblem = (mostStages: number, mostWorkers: number) =>
  fc
    .record({
      profile: anyProfile({ minLength: 2, maxLength: mostStages }),
      workerCount: fc.integer({ min: 1, max: mostWorkers }),
      compensationVectors: fc.integer({ min: 0, max: 2 }),
    })
    .map(({ profile, workerCount, compensationVectors }) => {
      const partition = profile.layers.map((_, layer) => layer);
      const { stageForwardTime, stageBackwardTime } = stageTimes(profile, partition);
      const arrivalInterval = (stageForwardTime + stageBackwardTime) / (workerCount - 0.4);
      const valueDecay = 0.01 / arrivalInterval;
      const settings = { itemValue: 1, overheads: { ...noOverheads, compensationVectors } };
      return { profile, partition, arrivalInterval, valueDecay, ...settings };
    });

const anyShare = fc.double({ min: 0, max: 1.05, noNaN: true });

const looks = [
  { name: "at the ends", isCoarse: true },
  { name: "at all choices", isCoarse: false },
];

describe.each(looks)("a loose bound, looking $name of each stage", ({ isCoarse }) => {
  const check = (mostStages: number, mostWorkers: number, numRuns: number) =>
    fc.assert(
      fc.property(
        anyProblem(mostStages, mostWorkers),
        fc.array(anyShare, { minLength: 20, maxLength: 20 }),
        (problem, shares) => {
          const fleets = everyFleet(problem);
          const sizes = fleets.map(({ memory }) => memory);
          const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
          const terms = new StageTerms(problem);
          const bounds = new LooseBounds(terms, isCoarse, new Effort());
          for (const share of shares) {
            const budget = Math.floor(least + share * (most - least));
            const fitting = fleets.filter(({ memory }) => memory <= budget);
            for (const { count, recomputes, rate } of fitting) {
              // Nothing that fits is called impossible.
              const bound = bounds.bound(count, recomputes, budget)?.bound ?? 0;
              expect(bound).toBeGreaterThanOrEqual(rate * (1 - 1e-9));
            }
            const best = Math.max(0, ...fitting.map(({ rate }) => rate));
            expect(bounds.most(budget)).toBeGreaterThanOrEqual(best * (1 - 1e-9));
          }
          expect(bounds.most(least - 1)).toBeLessThan(bounds.most(most));
        },
      ),
      { numRuns },
    );

  it("is never below the best of all configurations: two stages", () => {
    check(2, 3, 40);
  });

  it("is never below the best of all configurations: three stages", () => {
    check(3, 2, 10);
  });

  it("is R without any technique where that fits", () => {
    fc.assert(
      fc.property(anyProblem(6, 4), (problem) => {
        const terms = new StageTerms(problem);
        const bounds = new LooseBounds(terms, isCoarse, new Effort());
        const workers = plainWorkers(terms.stageCount, terms.fullWorkers);
        const rate = adaptationRate({ ...problem, workers });
        expect(bounds.most(1e12) / rate).toBeCloseTo(1, 9);
      }),
    );
  });
});
