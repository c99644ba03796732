// Threads start from built JavaScript, so this test uses the package as others do.
import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import { profileModel, type TimedAction } from "@ferret-ocl/pipeline";
import {
  arrivalSlots,
  createVirtualLearner,
  Ledger,
  type PlanChange,
  startThreadsLearner,
} from "@ferret-ocl/pipeline/engine";
import {
  leastMemory,
  plan as makePlan,
  noOverheads,
  type Plan,
  plainWorkers,
} from "@ferret-ocl/planner";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCrossEntropy } from "../cross-entropy.mjs";
import {
  batch,
  classes,
  drawItems,
  learningRate,
  model,
  planOf,
  replayPerceptron,
  runtime,
} from "../perceptron.js";

const profile = profileModel({ model, runtime, batch, timing: "model" });
/** Milliseconds of one item, whole model. */
const sequential = profile.sequentialTime;

function limits(overheads: object, arrivalInterval = sequential / 4) {
  const request = { profile, arrivalInterval, overheads };
  const least = leastMemory(request).memory.total;
  const most = makePlan({ ...request, memoryBudget: null }).memory.total;
  return { request, least, most };
}

/** When, how much of the room between least and most memory, the pace and the compute units. */
const changes = fc.array(
  fc.record({
    after: fc.integer({ min: 1, max: 12 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    pressure: fc.constantFrom(2, 4, 8),
    units: fc.constantFrom(undefined, null, { computeUnits: 1 }, { unitSpeeds: [1, 0.5] }),
  }),
  { minLength: 1, maxLength: 4 },
);

describe("re-planning on the virtual clock", () => {
  function start(
    plan: Plan,
    ledger: Ledger,
    compensation: string,
    onAction: (action: TimedAction) => void = () => {},
  ) {
    const compensator = createCompensator(compensation, {}, referenceKernels);
    return createVirtualLearner({
      model,
      profile,
      plan,
      runtime,
      ledger,
      algorithm: createCrossEntropy("learn", { batch, classes }),
      compensator,
      kernels: referenceKernels,
      learningRate,
      seed: 4,
      onAction,
    });
  }

  it("loses no item it took in, and stays within both budgets", () => {
    fc.assert(
      fc.property(changes, fc.constantFrom("none", "iter-fisher"), (steps, compensation) => {
        const overheads = { compensationVectors: compensation === "none" ? 0 : 2 };
        const { request, most } = limits(overheads);
        const first = makePlan({ ...request, memoryBudget: most });
        const ledger = new Ledger(most);
        const learner = start(first, ledger, compensation);
        const items = drawItems(200, 3);
        let next = 0;
        let budget = most;
        for (const { after, share, pressure, units } of steps) {
          for (let count = 0; count < after; count++) learner.observe(items[next++]!);
          const arrivalInterval = sequential / pressure;
          const { least, most } = limits(overheads, arrivalInterval);
          const memoryBudget = Math.ceil(least + share * (most - least));
          const asked = learner.switches().length;
          learner.replan({
            memoryBudget,
            arrivalInterval,
            ...(units === undefined ? {} : { units }),
          });
          while (learner.switches().length === asked) learner.observe(items[next++]!);
          const done = learner.switches().at(-1)!;
          expect(done.memory.between).toBeLessThanOrEqual(Math.min(budget, memoryBudget));
          expect(done.memory.after).toBeLessThanOrEqual(memoryBudget);
          expect(done.memory.after).toBe(done.to.planned.total);
          expect(ledger.held.total).toBe(done.memory.after);
          expect(done.pause).toBeGreaterThanOrEqual(0);
          budget = memoryBudget;
        }
        while (next < items.length) learner.observe(items[next++]!);
        learner.finish();
        const { admitted, dropped, staleness } = learner.metrics();
        expect(admitted + dropped).toBe(items.length);
        // Every item that was taken in ended in a gradient at the last stage of its plan.
        const lastStages = learner.switches().map(({ from }) => from.stageCount - 1);
        expect(lastStages.every((stage) => stage >= 1)).toBe(true);
        expect(staleness.length).toBeGreaterThan(0);
        learner.dispose();
      }),
      { numRuns: 60 },
    );
  });

  it("switches at once where nothing is in flight, and touches no parameter", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 5 }),
        (shares) => {
          const { request, most, least } = limits({});
          const plan = makePlan({ ...request, memoryBudget: most });
          const learner = start(plan, new Ledger(most), "none");
          const items = drawItems(6 * shares.length, 5);
          const probe = drawItems(1, 77)[0]!;
          shares.forEach((share, turn) => {
            for (const item of items.slice(6 * turn, 6 * turn + 6)) learner.observe(item);
            learner.finish();
            const before = learner.parameters();
            const logits = learner.predict(probe).slice(0, batch * classes);
            learner.replan({ memoryBudget: Math.ceil(least + share * (most - least)) });
            expect(learner.switches().length).toBe(turn + 1);
            expect(learner.switches().at(-1)!.pause).toBe(0);
            expect(learner.parameters()).toEqual(before);
            learner
              .predict(probe)
              .slice(0, batch * classes)
              .forEach((value, index) => {
                expect(value).toBeCloseTo(logits[index]!, 5);
              });
          });
          learner.dispose();
        },
      ),
      { numRuns: 40 },
    );
  });

  it("learns on as an unchanged learner would, when the new plan is the old one", () => {
    const { request } = limits({});
    const plan = makePlan({ ...request, arrivalInterval: 50 * sequential, memoryBudget: null });
    const items = drawItems(40, 8);
    const learn = (change: PlanChange | null) => {
      const learner = start(plan, new Ledger(), "none");
      items.forEach((item, index) => {
        learner.observe(item);
        if (index === 20 && change) learner.replan(change);
      });
      learner.finish();
      const parameters = learner.parameters();
      learner.dispose();
      return parameters;
    };
    expect(learn({ plan })).toEqual(learn(null));
  });

  it("goes on without a pause where the new plan works as the old one", () => {
    const { request, most } = limits({});
    const plan = makePlan({ ...request, memoryBudget: most });
    const ledger = new Ledger(most);
    const learner = start(plan, ledger, "none");
    const items = drawItems(40, 4);
    for (const item of items.slice(0, 20)) learner.observe(item);
    const { admitted } = learner.metrics();
    learner.replan({ memoryBudget: null });
    expect(ledger.budget).toBeNull();
    const [done] = learner.switches();
    expect(done).toMatchObject({ requestedAt: 20, completedAt: 20, pause: 0, superseded: [] });
    // Nothing was given back in between.
    expect(done!.memory).toEqual({ before: most, between: most, after: most });
    expect(done!.to).toMatchObject({ memoryBudget: null, planned: plan.memory });
    for (const item of items.slice(20)) learner.observe(item);
    expect(learner.metrics().admitted - admitted).toBeGreaterThanOrEqual(admitted - 1);
    learner.dispose();
  });

  it("says which requests another one took the place of before they were through", () => {
    const { request, least, most } = limits({});
    const learner = start(makePlan({ ...request, memoryBudget: most }), new Ledger(most), "none");
    const items = drawItems(60, 6);
    for (const item of items.slice(0, 20)) learner.observe(item);
    const budgets = [least, Math.ceil((least + most) / 2), least + 64];
    budgets.forEach((memoryBudget, turn) => {
      learner.replan({ memoryBudget });
      if (turn < 2) learner.observe(items[20 + turn]!);
    });
    // The plan that is about to go is no reason to stay.
    learner.replan({ memoryBudget: most });
    expect(learner.switches()).toEqual([]);
    for (const item of items.slice(22)) learner.observe(item);
    const [done, ...others] = learner.switches();
    expect(others).toEqual([]);
    expect(done).toMatchObject({ requestedAt: 22, to: { memoryBudget: most } });
    expect(done!.superseded.map(({ requestedAt, to }) => [requestedAt, to.memoryBudget])).toEqual([
      [20, budgets[0]],
      [21, budgets[1]],
      [22, budgets[2]],
    ]);
    learner.dispose();
  });

  it("holds late gradients back while it empties, as at the end of the stream", () => {
    const pipeline = { partition: [0, 2], workers: plainWorkers(2, 6) };
    const plan = planOf(profile, pipeline, noOverheads, sequential / 6);
    const actions: TimedAction[] = [];
    const learner = start(plan, new Ledger(), "none", (action) => actions.push(action));
    const initial = learner.parameters();
    const items = drawItems(60, 9);
    for (const item of items.slice(0, 30)) learner.observe(item);
    const drainsFrom = actions.length;
    // Of other compute units, or there were nothing to empty it for.
    learner.replan({ plan, units: null });
    let next = 30;
    const isThrough = () => learner.switches().length > 0;
    // The item that comes then is the first one of the new plan; it has moved nothing yet.
    while (!isThrough()) learner.observe(items[next++]!);
    const parameters = learner.parameters();
    learner.dispose();
    const drained = actions.slice(drainsFrom).filter(({ kind }) => kind === "B");
    expect(drained.length).toBeGreaterThanOrEqual(8);
    const naive = replayPerceptron(actions, pipeline.partition, items, initial, { drainsFrom });
    naive.parameters.forEach((value, index) => {
      expect(Math.abs(value - parameters[index]!)).toBeLessThan(1e-5);
    });
    // Applied in full they would have come to something else.
    const whole = replayPerceptron(actions, pipeline.partition, items, initial).parameters;
    expect(
      Math.max(...whole.map((value, index) => Math.abs(value - parameters[index]!))),
    ).toBeGreaterThan(1e-2);
  });

  it("goes on with the old plan where none fits the new budget", () => {
    const { request, most } = limits({});
    const plan = makePlan({ ...request, memoryBudget: most });
    const learner = start(plan, new Ledger(most), "none");
    expect(() => learner.replan({ memoryBudget: 1000 })).toThrow(/Expected at least \d+ bytes/);
    for (const item of drawItems(20, 1)) learner.observe(item);
    learner.finish();
    expect(learner.switches()).toEqual([]);
    expect(learner.metrics().admitted).toBeGreaterThan(0);
    learner.dispose();
  });
});

describe("re-planning on threads", () => {
  const threads = 2;
  const overheads = { executorCount: threads, arrivalSlots: arrivalSlots(threads) };

  function begin(plan: Plan, ledger: Ledger, onPrediction: () => void) {
    return startThreadsLearner({
      model,
      profile,
      plan,
      threads,
      runtime: runtime.name === "native" ? { name: "native" } : { name: "tfjs", backends: ["cpu"] },
      ledger,
      algorithm: {
        module: new URL("../cross-entropy.mjs", import.meta.url).href,
        export: "createCrossEntropy",
        arguments: ["learn"],
      },
      compensator: {
        module: "@ferret-ocl/compensation",
        export: "createCompensator",
        arguments: ["none", {}],
      },
      learningRate,
      seed: 4,
      arrivalInterval: null,
      tracedItems: 30,
      onPrediction,
    });
  }

  it("loses no item it took in, and stays within both budgets", async () => {
    const { request, least, most } = limits(overheads);
    const ledger = new Ledger(most);
    let predicted = 0;
    const plan = makePlan({ ...request, memoryBudget: most });
    const learner = await begin(plan, ledger, () => predicted++);
    const items = drawItems(90, 6);
    const budgets = [least, most, Math.ceil((least + most) / 2)];
    for (const [index, item] of items.entries()) {
      await learner.observe(item);
      if (index % 25 !== 24) continue;
      const memoryBudget = budgets[Math.floor(index / 25)]!;
      await learner.replan({ memoryBudget });
      const done = learner.switches().at(-1)!;
      expect(done.memory.after).toBe(ledger.held.total);
      expect(done.memory.after).toBeLessThanOrEqual(memoryBudget);
      expect(done.memory.between).toBeLessThan(least);
      expect(done.pause).toBeGreaterThan(0);
    }
    await learner.finish();
    const { admitted, dropped, staleness } = learner.metrics();
    expect([admitted, dropped, predicted]).toEqual([items.length, 0, items.length]);
    // Every item ended in one gradient or more.
    const gradients = staleness.flat().reduce((sum, count) => sum + count, 0);
    expect(gradients).toBeGreaterThanOrEqual(items.length);
    expect(learner.switches().length).toBe(3);
    learner.dispose();
  });

  it("keeps its threads where the new plan works as the old one", async () => {
    const { request, most } = limits(overheads);
    const ledger = new Ledger(most);
    const learner = await begin(makePlan({ ...request, memoryBudget: most }), ledger, () => {});
    const items = drawItems(30, 3);
    for (const item of items.slice(0, 10)) await learner.observe(item);
    await learner.replan({ memoryBudget: null });
    const [done] = learner.switches();
    expect(done!.memory).toEqual({ before: most, between: most, after: most });
    expect([ledger.budget, done!.to.planned.total]).toEqual([null, most]);
    for (const item of items.slice(10)) await learner.observe(item);
    await learner.finish();
    // What new threads note of begins with their first item.
    expect(learner.actions().some(({ item }) => item < 10)).toBe(true);
    expect(learner.metrics()).toMatchObject({ items: 30, admitted: 30 });
    await learner.dispose();
  });

  it("learns on as an unchanged learner would, when the new plan is the old one", async () => {
    // One stage of one worker learns item after item, whatever the threads do.
    const plan = makePlan({ ...limits(overheads).request, memoryBudget: null, partition: [0] });
    const alone = { ...plan, workers: plan.workers.slice(0, 1), workerCount: 1 };
    const learn = async (change: PlanChange | null) => {
      const learner = await begin(alone, new Ledger(), () => {});
      for (const [index, item] of drawItems(40, 8).entries()) {
        await learner.observe(item);
        if (index === 20 && change) await learner.replan(change);
      }
      await learner.finish();
      const parameters = learner.parameters();
      learner.dispose();
      return parameters;
    };
    expect(await learn({ plan: alone })).toEqual(await learn(null));
  });
});
