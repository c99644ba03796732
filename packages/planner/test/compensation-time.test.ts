import { describe, expect, it } from "vitest";
import {
  adaptationRate,
  expectedProgress,
  explain,
  type Prediction,
  parseProfile,
  plainWorkers,
  plan,
  predictRun,
} from "../src/index.js";
import { profileOf } from "./profiles.js";

// Two layers of 1 ms forward and 2 ms backward; to repair a gradient takes 1/2 and 3/2 ms more.
const layers = [0.5, 1.5].map((slow) => ({ compensationTimes: { slow, none: 0 } }));
const profile = profileOf(layers);
const partition = [0, 1];
const one = plainWorkers(2, 1);

const predict = (interval: number, workers = one, compensation?: string, inFlight?: number[]) =>
  predictRun(profile, partition, workers, interval, undefined, inFlight, compensation);

function expectLatency(prediction: Prediction | undefined, wanted: readonly number[]): void {
  wanted.forEach((latency, stage) => {
    expect(prediction?.latency[stage]).toBeCloseTo(latency, 12);
  });
}

describe("a compensation's time", () => {
  // stage 0   F . . . . . B B b        F forward, B backward, b repair, 1/2 ms a letter
  it("lengthens the backward pass where gradients can be late, and no other", () => {
    // One worker has two items at stage 0 and a single one at stage 1, whose gradient is never late.
    const slack = predict(10, one, "slow");
    expectLatency(slack, [1 + 1 + 2 + 2.5, 1 + 1 + 2]);
    expectLatency(predict(10, one), [6, 4]);
    // Stage 0 is busy for 1 + 2.5 ms, so that of items every 3 ms one in seven is dropped.
    expect(predict(3, one, "slow").dropRate).toBeCloseTo(1 / 7, 12);
    expect(predict(3, one).dropRate).toBe(0);
    expect(predict(10, one, "slow").utilisation).toBeCloseTo((3.5 + 3) / 20, 12);
    // Two workers have two items at stage 1.
    expectLatency(predict(10, plainWorkers(2, 2), "slow"), [1 + 1 + 3.5 + 2.5, 5.5]);
    // Held to one item at each stage, nothing is late.
    expectLatency(predict(10, plainWorkers(2, 2), "slow", [1, 1]), [6, 4]);
  });

  it("is none of a compensation that the profile does not name, or says 0 of", () => {
    for (const name of ["none", "other", "toString"])
      expect(predict(3, plainWorkers(2, 2), name)).toEqual(predict(3, plainWorkers(2, 2)));
  });

  it("is shared by the items that a backward pass is left out of (T3)", () => {
    const workers = [{ recompute: false, accumulate: [2, 1], omit: [1, 0] }];
    // Stage 0: 1 + (2 + 1/2) / 2 ms an item.
    expect(predict(10, workers, "slow").utilisation).toBeCloseTo((1 + 1.25 + 3) / 20, 12);
  });

  it("lowers progress, and leaves R as the paper has it", () => {
    const request = { profile, partition, workers: one, arrivalInterval: 3, stalenessCost: 0.2 };
    const slow = { ...request, compensation: "slow" };
    expect(expectedProgress(slow)).toBeLessThan(expectedProgress(request));
    const { stalenessCost, ...paper } = request;
    const asked = { ...paper, memoryBudget: null };
    const bare = plan(asked);
    const repaired = plan({ ...asked, compensation: "slow" });
    expect(repaired.adaptationRate).toBe(adaptationRate(paper));
    expect({ ...repaired, prediction: null }).toEqual({ ...bare, prediction: null });
    expect((repaired.prediction as Prediction).dropRate).toBeCloseTo(1 / 7, 12);
  });

  it("is counted by a plan for progress, and explained", () => {
    const choice = { name: "slow", vectors: 0, stalenessCost: 0.2 };
    const request = {
      profile,
      arrivalInterval: 3,
      memoryBudget: null,
      objective: "progress",
      compensations: [choice],
    } as const;
    const found = plan(request);
    const { partition: cut, workers, compensation, inFlight } = found;
    expect(found.progress).toBeCloseTo(
      expectedProgress({
        profile,
        partition: cut,
        workers,
        arrivalInterval: 3,
        stalenessCost: 0.2,
        ...(compensation && { compensation }),
        ...(inFlight && { inFlight }),
      }),
      12,
    );
    const { stages } = explain(found, request);
    const paid = stages.map(({ versions, compensationTime }) => [versions > 1, compensationTime]);
    expect(paid).toEqual(
      stages.map(({ versions }, stage) => [versions > 1, versions > 1 ? [0.5, 1.5][stage] : 0]),
    );
    expect(paid.some(([isPaid]) => isPaid)).toBe(true);
    // Dear repairs are worth less than cheap ones.
    const dear = profileOf(layers.map(() => ({ compensationTimes: { slow: 5 } })));
    expect(plan({ ...request, profile: dear }).progress).toBeLessThan(found.progress as number);
  });

  it("is read from a profile, and refused where it is none", () => {
    expect(parseProfile(JSON.parse(JSON.stringify(profile))).layers[1]?.compensationTimes).toEqual({
      slow: 1.5,
      none: 0,
    });
    const wrong = profileOf([{ compensationTimes: { slow: -1 } }]);
    expect(() => parseProfile(wrong)).toThrow("profile.layers[0].compensationTimes.slow");
    expect(() =>
      plan({
        profile,
        arrivalInterval: 3,
        memoryBudget: null,
        objective: "progress",
        compensation: "slow",
      }),
    ).toThrow("compensations in its place");
  });

  it("falls with the speed of the units", () => {
    const request = { profile, partition, workers: one, arrivalInterval: 10, memoryBudget: null };
    const asked = { ...request, compensation: "slow", unitSpeeds: [2, 2] };
    expectLatency(plan(asked).prediction, [6.5 / 2, 4 / 2]);
  });
});
