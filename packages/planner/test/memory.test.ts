import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adaptationRate } from "../src/cost.js";
import { memoryCategories, noOverheads, pipeDream2BwMemory, predictMemory } from "../src/memory.js";
import { Tally } from "../src/tally.js";
import { plainWorkers, type WorkerConfiguration } from "../src/worker.js";
import { anyPipeline, anyWorker, profileOf } from "./profiles.js";

const profile = profileOf([
  {
    parameterBytes: 100,
    outputBytes: 256,
    predictionBytes: 128,
    innerBytes: 320,
    lastBytes: 64,
    gradientBytes: 512,
    scratchBytes: 64,
  },
  {
    parameterBytes: 40,
    outputBytes: 64,
    predictionBytes: 64,
    innerBytes: 128,
    lastBytes: 0,
    gradientBytes: 256,
    scratchBytes: 128,
  },
]);

describe("predictMemory", () => {
  // By hand. w = 128, 64. S = 64, 0. Input 512 + 64, an item 256 + 64.
  it("equals the sum by hand: two stages, two workers, no technique", () => {
    const prediction = predictMemory(profile, [0, 1], plainWorkers(2, 2));
    expect(prediction).toEqual({
      total: 6976,
      byCategory: {
        parameters: 128 + 64,
        versions: 3 * 128 + 1 * 64, // 2 + 2 items in flight at stage 0, 1 + 1 at stage 1
        accumulators: 128, // the gradient of the running backward
        activations: 2 * (2 * 64),
        boundaries: 2 * (2 * 256 + 1 * 64 + 2 * 576),
        scratch: 2 * 512 + 64 + 2 * 128, // gradients, kernel space, predictions
        optimiser: 0,
        compensation: 0,
        replay: 0,
        algorithm: 0,
        queue: 2 * 576,
      },
    });
  });

  it("equals the sum by hand: T1, T2, T3 and every overhead", () => {
    const workers = [
      { recompute: true, accumulate: [2, 1], omit: [0, 0] },
      { recompute: false, accumulate: [1, 1], omit: [1, 0] },
    ];
    const overheads = {
      executorCount: 2,
      compensationVectors: 3,
      optimiserVectors: 1,
      replayBytes: 640,
      algorithmBytes: 128,
      executorAlgorithmBytes: 192,
      queueLength: 1,
      arrivalSlots: 3,
    };
    expect(predictMemory(profile, [0, 1], workers, overheads)).toEqual({
      total: 10752 + 2 * 192,
      byCategory: {
        parameters: 192,
        versions: 128 + 64, // stage 0: the newest and one group; stage 1: two workers
        accumulators: 2 * 128 + 128, // two executors' gradients, stage 0 gathers
        activations: 64 + 2 * 64, // worker 1's one item, two working sets
        boundaries: 2 * (2 * 256 + 1 * 64 + 2 * 576),
        scratch: 2 * (2 * 512 + 64 + 2 * 128),
        optimiser: 192,
        compensation: 3 * 192,
        replay: 640,
        algorithm: 128 + 2 * 192,
        queue: 2 * 576 + 3 * 320, // waiting batches, arriving items
      },
    });
  });

  it("keeps what a compensation needs only at stages where gradients can be late", () => {
    const bytesOf = (workers: readonly WorkerConfiguration[], inFlight?: readonly number[]) =>
      predictMemory(profile, [0, 1], workers, { compensationVectors: 2 }, inFlight).byCategory
        .compensation;
    // Two items come together at the first stage, one at a time is at the last.
    expect(bytesOf(plainWorkers(2, 1))).toBe(2 * 128);
    expect(bytesOf(plainWorkers(2, 2))).toBe(2 * (128 + 64));
    expect(bytesOf(plainWorkers(2, 2), [1, 1])).toBe(0);
    const gathering = { recompute: false, accumulate: [2, 1], omit: [1, 0] };
    expect(bytesOf([gathering])).toBe(2 * 128);
    expect(bytesOf([{ ...gathering, accumulate: [1, 1] }])).toBe(0);
  });

  it("adds inner layers' activations to a stage of several layers", () => {
    const { byCategory } = predictMemory(profile, [0], plainWorkers(1, 1));
    expect(byCategory.activations).toBe(320 + 0);
    expect(byCategory.boundaries).toBe(64 + 576);
    expect(byCategory.parameters).toBe(192); // 140 bytes fill three lines of 64
  });

  it("holds no waiting item for a learner that takes or drops", () => {
    const workers = plainWorkers(1, 1);
    const waiting = predictMemory(profile, [0], workers);
    const none = predictMemory(profile, [0], workers, { ...noOverheads, queueLength: 0 });
    expect(none.byCategory).toEqual({ ...waiting.byCategory, queue: 0 });
    expect(waiting.byCategory.queue).toBe(576);
  });

  it("keeps the labels of every item in flight, and the input only of those that come back", () => {
    const three = profileOf([{}, {}, {}]);
    const omitting = [{ recompute: false, accumulate: [1, 1, 1], omit: [2, 1, 0] }];
    const { byCategory } = predictMemory(three, [0, 1, 2], omitting);
    // Boundaries 3, 2 and 1 of 64 bytes; 2 inputs of 512; 3 times labels of 10, on a line of 64.
    expect(byCategory.boundaries).toBe(6 * 64 + 2 * 512 + 3 * 64);
  });

  it("is whole lines of 64 bytes in every category, and their sum", () => {
    fc.assert(
      fc.property(anyPipeline(6, 3), ({ profile: drawn, partition, workers }) => {
        const { total, byCategory } = predictMemory(drawn, partition, workers);
        for (const category of memoryCategories) expect(byCategory[category] % 64).toBe(0);
        expect(total).toBe(Object.values(byCategory).reduce((sum, bytes) => sum + bytes, 0));
      }),
    );
  });

  it("never falls when a worker joins", () => {
    fc.assert(
      fc.property(anyPipeline(5, 3), ({ profile: drawn, partition, workers }) => {
        const all = predictMemory(drawn, partition, workers).total;
        workers.forEach((_, index) => {
          const fewer = workers.toSpliced(index, 1);
          if (fewer.length > 0)
            expect(predictMemory(drawn, partition, fewer).total).toBeLessThan(all);
        });
      }),
    );
  });
});

describe("pipeDream2BwMemory", () => {
  it("is two versions and one accumulator a stage", () => {
    const { byCategory } = pipeDream2BwMemory(profile, [0, 1]);
    expect(byCategory.versions).toBe(128); // the last stage has nothing in flight
    expect(byCategory.accumulators).toBe(128 + 192);
  });
});

describe("Tally", () => {
  it("keeps the numbers of adaptationRate and predictMemory over any change", () => {
    const overheads = {
      executorCount: 2,
      compensationVectors: 1,
      optimiserVectors: 1,
      replayBytes: 64,
      algorithmBytes: 0,
      executorAlgorithmBytes: 64,
      queueLength: 1,
      arrivalSlots: 2,
    };
    fc.assert(
      fc.property(
        anyPipeline(5, 3).chain((pipeline) =>
          fc.record({
            pipeline: fc.constant(pipeline),
            replacement: fc.option(anyWorker(pipeline.partition.length)),
            index: fc.nat({ max: pipeline.workers.length - 1 }),
            stage: fc.nat({ max: pipeline.partition.length - 1 }),
            accumulate: fc.integer({ min: 1, max: 6 }),
          }),
        ),
        ({ pipeline, replacement, index, stage, accumulate }) => {
          const { workers, ...rest } = pipeline;
          const problem = {
            ...rest,
            arrivalInterval: 2,
            valueDecay: 0.01,
            itemValue: 1,
            overheads,
          };
          const same = (score: { rate: number; memory: number }, now: typeof workers) => {
            const rate = adaptationRate({ ...problem, workers: now });
            expect(Math.abs(score.rate - rate)).toBeLessThanOrEqual(1e-9 * rate);
            expect(score.memory).toBe(
              predictMemory(rest.profile, rest.partition, now, overheads).total,
            );
          };
          const tally = new Tally(problem, workers);
          same(tally.score, workers);
          const worker = workers[index] as (typeof workers)[number];
          const gathering = { ...worker, accumulate: worker.accumulate.with(stage, accumulate) };
          same(tally.ifAccumulating(index, stage, accumulate), workers.with(index, gathering));
          if (replacement === null && workers.length === 1) return;
          const after = workers.toSpliced(index, 1, ...(replacement === null ? [] : [replacement]));
          same(tally.ifReplaced(index, replacement), after);
          tally.replace(index, replacement);
          same(tally.score, after);
          expect(tally.workers).toEqual(after);
        },
      ),
      { numRuns: 300 },
    );
  });
});
