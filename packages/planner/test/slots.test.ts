import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { slots } from "../src/slots.js";
import { leastCommonMultiple, participation, plainWorkers } from "../src/worker.js";
import { anyPipeline, anyWorker } from "./profiles.js";

const partition = [0, 1, 2, 3];
const off = [1, 1, 1, 1];
const none = [0, 0, 0, 0];

describe("participation", () => {
  it("is the rule: an item comes back to a stage iff no stage from there on omits it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }).chain(anyWorker), ({ omit }) => {
        const periods = participation(omit);
        for (let item = 0; item < 130; item += 1)
          periods.forEach((period, stage) => {
            const comesBack = omit.slice(stage).every((skip) => item % (skip + 1) === 0);
            expect(item % period === 0).toBe(comesBack);
          });
      }),
    );
  });

  it("stays a safe integer where the least common multiple would not", () => {
    const omit = Array.from({ length: 100 }, (_, stage) => 99 - stage);
    expect(participation(omit)[0]).toBe(Number.MAX_SAFE_INTEGER);
    expect(leastCommonMultiple(Number.MAX_SAFE_INTEGER, 3)).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe("slots", () => {
  it("without techniques hold P - i versions and activations a worker", () => {
    const one = slots(partition, plainWorkers(4, 1));
    expect(one.versions).toEqual([4, 3, 2, 1]);
    expect(one.saved).toEqual([4, 3, 2, 1]);
    expect(one.boundaries).toEqual([4, 3, 2, 1]);
    expect(one.inputs).toBe(4);
    expect(slots(partition, plainWorkers(4, 3)).versions).toEqual([12, 9, 6, 3]);
  });

  it("hold two versions where gradients of P items are gathered (PipeDream-2BW)", () => {
    const counts = slots(partition, [{ recompute: false, accumulate: [4, 4, 4, 4], omit: none }]);
    expect(counts.versions).toEqual([2, 2, 2, 1]);
    expect(counts.accumulators).toEqual([true, true, true, true]);
  });

  it("hold a second version where workers share a stage, so that an update finds one free", () => {
    const omitting = { recompute: false, accumulate: [1, 1], omit: [1, 0] };
    const gathering = { ...omitting, accumulate: [2, 1] };
    expect(slots([0, 1], [gathering, omitting, omitting]).versions).toEqual([2, 3]);
    expect(slots([0, 1], [gathering]).versions).toEqual([1, 1]);
  });

  it("hold one version under full omission", () => {
    const counts = slots(partition, [{ recompute: false, accumulate: off, omit: [3, 2, 1, 0] }]);
    expect(counts.versions).toEqual([1, 1, 1, 1]);
    expect(counts.saved).toEqual([1, 1, 1, 1]);
    expect(counts.boundaries).toEqual([3, 3, 2, 1]);
    expect(counts.participation).toEqual([[12, 6, 2, 1]]);
  });

  it("save nothing where a worker recomputes, but keep the stash", () => {
    const counts = slots(partition, [{ recompute: true, accumulate: off, omit: none }]);
    expect(counts.saved).toEqual([0, 0, 0, 0]);
    expect(counts.stash).toEqual([[4, 3, 2, 1]]);
  });

  it("stash the most items of P - i in a row that come back", () => {
    fc.assert(
      fc.property(anyPipeline(5, 2), (pipeline) => {
        const counts = slots(pipeline.partition, pipeline.workers);
        const stageCount = pipeline.partition.length;
        counts.participation.forEach((periods, worker) => {
          periods.forEach((period, stage) => {
            let most = 0;
            for (let first = 0; first < period; first += 1) {
              let back = 0;
              for (let item = first; item < first + stageCount - stage; item += 1)
                back += Number(item % period === 0);
              most = Math.max(most, back);
            }
            expect(counts.stash[worker]?.[stage]).toBe(most);
          });
        });
      }),
    );
  });

  it("are all at least one", () => {
    fc.assert(
      fc.property(anyPipeline(6, 3), ({ partition: cut, workers }) => {
        const counts = slots(cut, workers);
        for (const list of [counts.versions, [counts.inputs], ...counts.stash, counts.boundaries])
          for (const count of list) expect(count).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});
