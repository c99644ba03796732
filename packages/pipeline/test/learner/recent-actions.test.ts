// Threads start from built JavaScript, so this test uses the package as others do.

import {
  type ClockOptions,
  createLearner,
  type Learner,
  type LearnerOptions,
  type RecentAction,
  type TimedAction,
} from "@ferret-ocl/pipeline";
import { afterEach, describe, expect, it } from "vitest";
import { inputLength, layers, stripes } from "./stripes.js";

let learner: Learner;
afterEach(() => learner.dispose());

const batch = 4;

async function make(clock: ClockOptions, more: Partial<LearnerOptions> = {}): Promise<void> {
  learner = await createLearner({
    model: layers,
    inputShape: [inputLength],
    batch,
    arrivalInterval: "1ms",
    timing: "model",
    clock,
    learningRate: 0.05,
    ...more,
  });
}

async function learn(first: number, end: number): Promise<void> {
  for (let item = first; item < end; item++) {
    const { x, y } = stripes(item, batch);
    await learner.observe(x, y);
  }
}

const predictions = (actions: readonly RecentAction[]) =>
  actions.filter(({ kind }) => kind === "P").map(({ item }) => item);
const scheduled = (actions: readonly RecentAction[]) =>
  actions.filter(({ kind }) => kind !== "P") as readonly TimedAction[];

describe("the newest actions of a learner", () => {
  it("are those of the trace on the virtual clock, with the predictions", async () => {
    const traced: TimedAction[] = [];
    await make({ kind: "virtual", onAction: (action) => traced.push(action) });
    await learn(0, 3);
    expect(learner.recentActions().actions).toEqual([]);
    const before = traced.length;
    await learn(3, 13);
    const { actions, now } = learner.recentActions();
    expect(scheduled(actions)).toEqual(traced.slice(before));
    expect(predictions(actions)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(now).toBe(12);
    expect(actions.find(({ item, kind }) => kind === "P" && item === 5)).toEqual({
      kind: "P",
      item: 5,
      worker: -1,
      stage: -1,
      start: 5,
      end: 5,
    });
  });

  it("are the newest ones only, and go on under another plan", async () => {
    const traced: TimedAction[] = [];
    await make({ kind: "virtual", onAction: (action) => traced.push(action) });
    learner.recentActions();
    await learn(0, 200);
    await learner.replan({ arrivalInterval: "2ms" });
    await learn(200, 400);
    const { actions } = learner.recentActions();
    expect(actions.length).toBe(512);
    const own = scheduled(actions);
    expect(own).toEqual(traced.slice(-own.length));
  });

  it("are told while threads work, whole and in their order", async () => {
    await make({ kind: "threads", count: 2 }, { whenBusy: "wait" });
    expect(learner.recentActions().actions).toEqual([]);
    const { plan } = learner;
    for (let item = 0; item < 60; item++) {
      await learn(item, item + 1);
      for (const action of learner.recentActions().actions) {
        expect(action.end).toBeGreaterThanOrEqual(action.start);
        expect(action.item).toBeLessThanOrEqual(item);
        if (action.kind !== "P") expect(action.stage).toBeLessThan(plan.stageCount);
      }
    }
    await learner.finish();
    const { actions, now } = learner.recentActions();
    const newest = predictions(actions);
    expect(newest).toEqual(newest.toSorted((a, b) => a - b));
    expect(newest.at(-1)).toBe(59);
    expect(actions.every(({ start, end }) => start >= 0 && end <= now)).toBe(true);
    // Every item that is whole here was passed forward, then back, stage by stage.
    const own = scheduled(actions).filter(({ kind }) => kind === "F" || kind === "B");
    const last = plan.stageCount - 1;
    const of = (kind: string, stage: number) =>
      own.find((action) => action.item === 59 && action.kind === kind && action.stage === stage);
    for (let stage = 0; stage < last; stage++)
      expect(of("F", stage)?.end).toBeLessThanOrEqual(of("F", stage + 1)?.start ?? Number.NaN);
    expect(of("F", last)?.end).toBeLessThanOrEqual(of("B", last)?.start ?? Number.NaN);
    expect(own.some(({ kind, stage }) => kind === "B" && stage === 0)).toBe(true);
  });

  it("outlive a change of plan on threads", async () => {
    await make({ kind: "threads", count: 2 }, { whenBusy: "wait" });
    learner.recentActions();
    await learn(0, 5);
    await learner.replan({ memoryBudget: "min" });
    await learn(5, 8);
    await learner.finish();
    expect(predictions(learner.recentActions().actions)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
