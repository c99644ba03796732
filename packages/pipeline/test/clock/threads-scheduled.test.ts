// Threads start from built JavaScript, so this test uses the package as others do.
import { planSchedule } from "@ferret-ocl/pipeline";
import { arrivalSlots, Ledger, startThreadsScheduledLearner } from "@ferret-ocl/pipeline/engine";
import { noOverheads } from "@ferret-ocl/planner";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  expectDelayedSgd,
  expectEveryPassOnce,
  expectPipeDreamTrace,
} from "../course/schedule-rules.js";
import {
  learnedOf,
  learningRate,
  prepare,
  run as runVirtually,
  type Setup,
  setups,
} from "../course/schedule-run.js";
import { runtimeChoice } from "../perceptron.js";

interface Threads {
  readonly threads: number;
  /** Milliseconds between items; null: as fast as they are taken. */
  readonly interval?: number | null;
  readonly mode?: "learn" | "throw" | "exit";
  /** Bytes of the budget that are missing. */
  readonly missing?: number;
}

async function run(setup: Setup, options: Threads) {
  const { threads, interval = null, mode = "learn", missing = 0 } = options;
  const { order, layers, model, profile, items } = prepare(setup);
  const { schedule, deviceCount, microbatchCount } = setup;
  const plan = planSchedule(profile, schedule, deviceCount, microbatchCount, {
    ...noOverheads,
    executorCount: threads,
    arrivalSlots: arrivalSlots(threads),
  });
  const predictions: number[] = [];
  const learner = await startThreadsScheduledLearner({
    model,
    profile,
    plan,
    threads,
    runtime: runtimeChoice,
    ledger: new Ledger(plan.memory.total - missing),
    algorithm: {
      module: new URL("../cross-entropy.mjs", import.meta.url).href,
      export: "createCrossEntropy",
      arguments: [mode],
    },
    compensator: {
      module: "@ferret-ocl/compensation",
      export: "createCompensator",
      arguments: ["none", {}],
    },
    learningRate,
    seed: 7,
    arrivalInterval: interval,
    onPrediction: (item, correct) => {
      expect(item).toBe(predictions.length);
      predictions.push(correct);
    },
    tracedItems: 1000,
  });
  const initial = learner.parameters();
  for (const item of items) await learner.observe(item);
  await learner.finish();
  const actions = learner.actions();
  const result = {
    order,
    layers,
    plan,
    initial,
    actions,
    predictions,
    ...learnedOf(actions, items),
    parameters: learner.parameters(),
    metrics: learner.metrics(),
    activations: learner.activations(),
  };
  learner.dispose();
  return result;
}

const anyThreads = fc.record({
  threads: fc.integer({ min: 1, max: 3 }),
  interval: fc.constantFrom(null, null, 0.001, 0.2),
});

describe("the engine on threads with a fixed schedule", () => {
  it("trains as gradient descent with the delay of the schedule's paper, whatever the threads did when and which items were dropped", async () => {
    await fc.assert(
      fc.asyncProperty(setups, anyThreads, async (setup, threads) => {
        const result = await run(setup, threads);
        if (setup.schedule === "pipedream") expectPipeDreamTrace(setup, result);
        else expectDelayedSgd(setup, result);
      }),
      { numRuns: 15 },
    );
  });

  it("comes to the parameters of the virtual clock to the bit where an update waits for several items and none is dropped", async () => {
    await fc.assert(
      fc.asyncProperty(setups, fc.integer({ min: 1, max: 3 }), async (any, threads) => {
        const setup = {
          ...any,
          schedule: any.schedule === "pipedream" ? "dapple" : any.schedule,
          microbatchCount: 1 + any.microbatchCount,
          arrivalInterval: 1000,
        };
        const { parameters, metrics } = await run(setup, { threads });
        const virtual = runVirtually(setup);
        expect([virtual.metrics.dropped, metrics.dropped]).toEqual([0, 0]);
        expect(metrics.staleness).toEqual(virtual.metrics.staleness);
        expect(parameters).toEqual(virtual.parameters);
      }),
      { numRuns: 10 },
    );
  });

  it("keeps every device to its order and the ledger to the plan, to the byte", async () => {
    await fc.assert(
      fc.asyncProperty(setups, anyThreads, async (setup, threads) => {
        const { plan, order, metrics, learned, activations, predictions, ...result } = await run(
          setup,
          threads,
        );
        expectEveryPassOnce({ plan, order, metrics, learned, ...result });
        expect(metrics.memory).toEqual(plan.memory);
        expect(predictions.length).toBe(setup.itemCount);
        expect(metrics.items).toBe(setup.itemCount);
        expect(metrics.admitted).toBe(learned.length);
        expect(metrics.admitted + metrics.dropped).toBe(setup.itemCount);
        if (threads.interval === null) expect(metrics.dropped).toBe(0);
        for (const { mostHeld, slots } of metrics.versions)
          expect(mostHeld).toBeLessThanOrEqual(slots);
        const { deviceCount, schedule } = setup;
        if (["dapple", "pipedream", "pipedream-2bw"].includes(schedule))
          activations.forEach((held, stage) => {
            expect(held).toBeLessThanOrEqual(deviceCount - stage);
          });
        if (order.flushes)
          for (const staleness of metrics.staleness) expect(staleness).toEqual([learned.length]);
        expect(metrics.latency.max > 0).toBe(learned.length > 0);
      }),
      { numRuns: 15 },
    );
  });

  const base: Setup = {
    schedule: "dapple",
    deviceCount: 2,
    microbatchCount: 2,
    moreLayers: 0,
    width: 3,
    times: [1, 1, 1],
    arrivalInterval: 1,
    itemCount: 60,
  };

  it.each([
    ["an error", "throw", /in the forward pass of item \d+, stage 1: the loss is out of order$/],
    [
      "its end",
      "exit",
      /in the forward pass of item \d+, stage 1: the thread ended with exit code 3$/,
    ],
  ] as const)(
    "ends with thread, item and stage named after %s in a thread",
    async (_, mode, message) => {
      const failing = run(base, { threads: 2, mode });
      await expect(failing).rejects.toThrow(/^Thread [01] failed in/);
      await expect(failing).rejects.toThrow(message);
    },
  );

  it("refuses a budget that its plan's buffers do not fit", async () => {
    const refused = run(base, { threads: 2, missing: 1 });
    await expect(refused).rejects.toThrow(/to fit the memory budget of \d+ bytes/);
  });
});
