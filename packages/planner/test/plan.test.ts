import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  adaptationRate,
  fullWorkerCount,
  InputError,
  leastMemory,
  noOverheads,
  type PlanRequest,
  type Profile,
  paperMemory,
  parsePlan,
  partitions,
  plainWorkers,
  plan,
  predictMemory,
  stageTimes,
  type WorkerConfiguration,
} from "../src/index.js";
import { anyProfile, profileOf } from "./profiles.js";

const interval = fc.double({ min: 0.3, max: 30, noNaN: true });
const several = anyProfile({ minLength: 2, maxLength: 7 });
const pipelines = (request: { readonly profile: Profile }) =>
  partitions(request.profile).filter((partition) => partition.length >= 2);

describe("plan without a budget", () => {
  it("is the best partition without any technique", () => {
    fc.assert(
      fc.property(several, interval, (profile, arrivalInterval) => {
        const found = plan({ profile, arrivalInterval, memoryBudget: null });
        expect(found.workers).toEqual(plainWorkers(found.stageCount, found.workerCount));
        expect(found.removedWorkers).toBe(0);
        const rates = pipelines({ profile }).map((partition) => {
          const only = plan({ profile, arrivalInterval, memoryBudget: null, partition });
          return only.adaptationRate;
        });
        // Which of two is the better one to the last bit depends on the order of a sum.
        expect(found.adaptationRate / Math.max(...rates)).toBeCloseTo(1, 12);
      }),
    );
  });

  it("breaks ties by memory, then by fewer stages", () => {
    // No decay, one worker, a slow stream: every partition learns one item an interval.
    const profile = profileOf([{}, {}, {}, {}]);
    const request = { profile, arrivalInterval: 100, memoryBudget: null, valueDecay: 0 };
    const found = plan(request);
    const memories = pipelines(request).map(
      (partition) => predictMemory(profile, partition, plainWorkers(partition.length, 1)).total,
    );
    expect(found.memory.total).toBe(Math.min(...memories));
    expect(found.adaptationRate).toBeCloseTo(1 / 100, 12);
  });
});

describe("plan within a budget", () => {
  const everything = {
    executorCount: 2,
    compensationVectors: 2,
    optimiserVectors: 1,
    replayBytes: 640,
    algorithmBytes: 64,
    executorAlgorithmBytes: 128,
    queueLength: 1,
    arrivalSlots: 2,
  };

  it("never exceeds it, never beats the plan without one, and says what a run will find", () => {
    fc.assert(
      fc.property(
        several,
        interval,
        fc.double({ min: 0, max: 1.2, noNaN: true }),
        fc.constantFrom(undefined, everything),
        (profile, arrivalInterval, share, overheads) => {
          const request = {
            profile,
            arrivalInterval,
            memoryBudget: null,
            ...(overheads && { overheads }),
          };
          const full = plan(request);
          const least = leastMemory(request).memory.total;
          const memoryBudget = Math.floor(least + share * Math.max(0, full.memory.total - least));
          const found = plan({ ...request, memoryBudget });
          expect(found.memory.total).toBeLessThanOrEqual(memoryBudget);
          expect(found.adaptationRate).toBeLessThanOrEqual(full.adaptationRate * (1 + 1e-12));
          expect(found.stageCount).toBeGreaterThanOrEqual(2);
          const { partition, workers } = found;
          expect(found.memory).toEqual(predictMemory(profile, partition, workers, overheads));
          expect(found.adaptationRate).toBe(
            adaptationRate({ profile, partition, workers, arrivalInterval }),
          );
          expect(found.paperMemory).toBe(paperMemory(profile, partition, workers));
          if (memoryBudget >= full.memory.total)
            expect(found.adaptationRate).toBe(full.adaptationRate);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("is the best over all partitions planned one by one", () => {
    fc.assert(
      fc.property(
        several,
        interval,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (profile, arrivalInterval, share) => {
          const request = { profile, arrivalInterval };
          const least = leastMemory(request).memory.total;
          const full = plan({ ...request, memoryBudget: null }).memory.total;
          const memoryBudget = Math.floor(least + share * Math.max(0, full - least));
          const rates = pipelines(request).map((partition) => {
            const fits = leastMemory({ ...request, partition }).memory.total <= memoryBudget;
            return fits ? plan({ ...request, memoryBudget, partition }).adaptationRate : 0;
          });
          expect(plan({ ...request, memoryBudget }).adaptationRate).toBe(Math.max(...rates));
        },
      ),
    );
  });

  it("succeeds with the least memory and names it one byte below", () => {
    fc.assert(
      fc.property(several, interval, (profile, arrivalInterval) => {
        const request = { profile, arrivalInterval };
        const least = leastMemory(request);
        const total = least.memory.total;
        const tight = plan({ ...request, memoryBudget: total });
        expect(tight.memory.total).toBeLessThanOrEqual(total);
        expect(tight.adaptationRate).toBeGreaterThanOrEqual(least.adaptationRate);
        expect(() => plan({ ...request, memoryBudget: total - 1 })).toThrow(
          `Expected at least ${total} bytes (`,
        );
      }),
    );
  });

  it("explains an infeasible budget in people's units, with the largest category", () => {
    const profile = profileOf([{ parameterBytes: 4 * 2 ** 20 }, {}]);
    expect(() => plan({ profile, arrivalInterval: 1, memoryBudget: 1000 })).toThrow(InputError);
    expect(() => plan({ profile, arrivalInterval: 1, memoryBudget: 1000 })).toThrow(
      /^Expected at least \d+ bytes \(8\.0 MiB\) for memoryBudget but received 1000 of type number; parameters is the largest part, 4194368 bytes \(4\.0 MiB\): raise/,
    );
  });

  it("gives the same plan every time, and one that survives JSON", () => {
    fc.assert(
      fc.property(several, interval, (profile, arrivalInterval) => {
        const request = { profile, arrivalInterval, memoryBudget: null };
        const memoryBudget = Math.ceil(plan(request).memory.total * 0.8);
        const least = leastMemory(request).memory.total;
        const limited = { ...request, memoryBudget: Math.max(memoryBudget, least) };
        const found = plan(limited);
        expect(plan(limited)).toEqual(found);
        expect(parsePlan(JSON.parse(JSON.stringify(found)))).toEqual(found);
      }),
      { numRuns: 40 },
    );
  });
});

/** Every worker with T1 on or off, T2 in 1..P and T3 off or full at each stage but the last. */
function everyWorker(stageCount: number): WorkerConfiguration[] {
  let workers = [false, true].map((recompute) => ({
    recompute,
    accumulate: new Array<number>(stageCount).fill(1),
    omit: new Array<number>(stageCount).fill(0),
  }));
  for (let stage = 0; stage < stageCount - 1; stage += 1)
    workers = workers.flatMap((worker) =>
      Array.from({ length: stageCount }, (_, more) => more + 1).flatMap((accumulate) =>
        [0, stageCount - 1 - stage].map((omit) => ({
          recompute: worker.recompute,
          accumulate: worker.accumulate.with(stage, accumulate),
          omit: worker.omit.with(stage, omit),
        })),
      ),
    );
  return workers;
}

describe("leastMemory", () => {
  it("of a partition is below every configuration of one or two workers", () => {
    fc.assert(
      fc.property(
        anyProfile({ minLength: 2, maxLength: 3 }),
        fc.double({ min: 3, max: 30, noNaN: true }),
        fc.integer({ min: 1, max: 3 }),
        (profile, arrivalInterval, executorCount) => {
          const overheads = { ...noOverheads, executorCount };
          for (const partition of pipelines({ profile })) {
            const least = leastMemory({ profile, arrivalInterval, overheads, partition });
            expect(least.workerCount).toBe(1);
            let memory = Number.POSITIVE_INFINITY;
            const choices = everyWorker(partition.length);
            for (const [index, first] of choices.entries()) {
              const alone = predictMemory(profile, partition, [first], overheads).total;
              memory = Math.min(memory, alone);
              if (alone === least.memory.total)
                expect(
                  adaptationRate({ profile, partition, workers: [first], arrivalInterval }),
                ).toBeLessThanOrEqual(least.adaptationRate * (1 + 1e-9));
              for (const second of choices.slice(index))
                memory = Math.min(
                  memory,
                  predictMemory(profile, partition, [first, second], overheads).total,
                );
            }
            expect(least.memory.total).toBe(memory);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it("is no larger than any pipeline of like workers that beats the sequential learner", () => {
    fc.assert(
      fc.property(several, interval, (profile, arrivalInterval) => {
        const bar = adaptationRate({
          profile,
          partition: [0],
          workers: plainWorkers(1, 1),
          arrivalInterval,
        });
        const rate = (plan: { partition: readonly number[]; workers: WorkerConfiguration[] }) =>
          adaptationRate({ profile, arrivalInterval, ...plan });
        const uniform = pipelines({ profile }).flatMap((partition) =>
          [false, true].flatMap((recompute) =>
            [false, true].flatMap((omitting) => {
              const stageCount = partition.length;
              const omit = partition.map((_, i) => (omitting ? stageCount - 1 - i : 0));
              const accumulate = partition.map(() => 1);
              const most = fullWorkerCount(stageTimes(profile, partition), arrivalInterval);
              const counts = [1, 2, 3].filter((count) => count <= most);
              return counts.map((count) => ({
                partition,
                workers: new Array(count).fill({ recompute, accumulate, omit }),
              }));
            }),
          ),
        );
        const useful = uniform.filter((plan) => rate(plan) > bar);
        const least = leastMemory({ profile, arrivalInterval });
        for (const { partition, workers } of useful)
          expect(predictMemory(profile, partition, workers).total).toBeGreaterThanOrEqual(
            least.memory.total,
          );
        if (useful.length > 0) expect(least.adaptationRate).toBeGreaterThan(bar);
        expect(rate({ ...least, workers: [...least.workers] })).toBe(least.adaptationRate);
      }),
    );
  });

  it("carries its own memory as budget", () => {
    const least = leastMemory({ profile: profileOf([{}, {}, {}]), arrivalInterval: 1 });
    expect(least.memoryBudget).toBe(least.memory.total);
    expect(least.strategy).toBe("least-memory");
    expect(parsePlan(JSON.parse(JSON.stringify(least)))).toEqual(least);
  });
});

describe("a request", () => {
  const profile = profileOf([{}, {}, {}]);
  const good = { profile, arrivalInterval: 1, memoryBudget: null };

  it("takes a partition as given, one stage included", () => {
    expect(plan({ ...good, partition: [0, 2] }).partition).toEqual([0, 2]);
    expect(plan({ ...good, partition: [0] }).stageCount).toBe(1);
  });

  it("keeps to maxStages", () => {
    expect(plan({ ...good, maxStages: 2 }).stageCount).toBe(2);
  });

  it("plans a single stage where only one layer takes time", () => {
    const single = profileOf([{}, { forwardTime: 0, backwardTime: 0 }]);
    expect(plan({ ...good, profile: single }).partition).toEqual([0]);
  });

  it.each([
    ["interval", { arrivalInterval: 0 }, "arrivalInterval but received 0"],
    ["interval", { arrivalInterval: 1e-9 }, "4096 workers"],
    ["budget", { memoryBudget: 1.5 }, "memoryBudget but received 1.5"],
    ["decay", { valueDecay: -1 }, "valueDecay"],
    ["value", { itemValue: 0 }, "itemValue"],
    ["stages", { maxStages: 1 }, "a whole number of at least 2 for maxStages"],
    [
      "partition",
      { partition: [1, 2] },
      "rising layer indices that start at 0 below the layer count 3",
    ],
    ["partition", { partition: [0, 3] }, "partition but received [0,3] of type array"],
    ["partition", { partition: [0, 2, 1] }, "rising"],
    ["partition", { partition: [] }, "rising"],
    ["executors", { overheads: { executorCount: 0 } }, "overheads.executorCount"],
    ["replay", { overheads: { replayBytes: -1 } }, "overheads.replayBytes"],
    ["profile", { profile: { ...profile, layers: [] } }, "profile.layers"],
  ])("names a wrong %s: %o", (_, change, message) => {
    expect(() => plan({ ...good, ...change } as PlanRequest)).toThrow(InputError);
    expect(() => plan({ ...good, ...change } as PlanRequest)).toThrow(message);
  });
});
