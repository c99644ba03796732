// Threads start from built JavaScript, so this test uses the package as others do.

import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import {
  createOptimizer,
  optimizerNames,
  profileModel,
  type TimedAction,
  validate,
} from "@ferret-ocl/pipeline";
import {
  arrivalSlots,
  Ledger,
  startThreadsLearner,
  type ThreadsLearnerOptions,
} from "@ferret-ocl/pipeline/engine";
import { noOverheads, plainWorkers, slots, type WorkerConfiguration } from "@ferret-ocl/planner";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { optimizerOptions } from "../naive-trainer.js";
import {
  batch,
  drawItems,
  learningRate,
  model,
  pipelines,
  planOf,
  replayPerceptron,
  runtime,
  runtimeChoice,
} from "../perceptron.js";

interface Setup {
  readonly partition: number[];
  readonly workers: WorkerConfiguration[];
  readonly inFlight?: number[] | undefined;
  readonly threads: number;
  readonly arrivalInterval?: number | null;
  readonly mode?: "learn" | "throw" | "exit";
  readonly compensation?: "none" | "iter-fisher" | "secant";
  readonly optimizer?: string;
  readonly itemCount?: number;
  /** Items between one and its labels. */
  readonly labelDelay?: number;
  /** Whether nothing is in flight when it finishes. */
  readonly emptiesFirst?: boolean;
}

const profile = profileModel({ model, runtime, batch, timing: "model" });

async function run(setup: Setup) {
  const {
    partition,
    workers,
    inFlight,
    threads,
    arrivalInterval = null,
    compensation = "none",
  } = setup;
  const { optimizer = "sgd" } = setup;
  const optimizerArguments = [optimizer, optimizerOptions[optimizer] ?? {}] as const;
  const overheads = {
    ...noOverheads,
    executorCount: threads,
    arrivalSlots: arrivalSlots(threads),
    compensationVectors: createCompensator(compensation).stateVectors,
    optimiserVectors: createOptimizer(...optimizerArguments, referenceKernels).vectors,
  };
  const plan = planOf(profile, { partition, workers, inFlight }, overheads, 1);
  const { memory } = plan;
  const predictions: number[] = [];
  const items = drawItems(setup.itemCount ?? 60, 11);
  const options: ThreadsLearnerOptions = {
    model,
    profile,
    plan,
    threads,
    runtime: runtimeChoice,
    ledger: new Ledger(memory.total),
    algorithm: {
      module: new URL("../cross-entropy.mjs", import.meta.url).href,
      export: "createCrossEntropy",
      arguments: [setup.mode ?? "learn"],
    },
    compensator: {
      module: "@ferret-ocl/compensation",
      export: "createCompensator",
      arguments: [compensation, {}],
    },
    optimizer: {
      module: "@ferret-ocl/pipeline",
      export: "createOptimizer",
      arguments: optimizerArguments,
    },
    learningRate,
    seed: 4,
    arrivalInterval,
    onPrediction: (item, correct, predicted, labels) => {
      expect(item).toBe(predictions.length);
      expect([...labels]).toEqual([...(items[item]?.labels ?? [])]);
      expect(predicted.filter((said, sample) => said === labels[sample]).length).toBe(correct);
      predictions.push(correct);
    },
    tracedItems: 1000,
  };
  const learner = await startThreadsLearner(options);
  const initial = learner.parameters();
  learner.recentActions();
  const { labelDelay = 0 } = setup;
  for (const [k, item] of items.entries())
    await (labelDelay === 0
      ? learner.observe(item)
      : learner.observe(item, items[k - labelDelay] ?? null));
  // When `finish` began is in no trace, and what it finds in flight is learned by another rule.
  if (setup.emptiesFirst)
    while (learner.actions().filter(({ kind }) => kind === "B").length < backwards(learner, setup))
      await new Promise((resolve) => setTimeout(resolve, 1));
  await learner.finish();
  const result = {
    items,
    initial,
    memory,
    predictions,
    actions: learner.actions(),
    parameters: learner.parameters(),
    metrics: learner.metrics(),
  };
  // Nothing was asked for before the first item, so both tell the same, the newest ones.
  const traced = new Set(result.actions.map((action) => JSON.stringify(action)));
  const scheduled = learner.recentActions().actions.filter(({ kind }) => kind !== "P");
  expect(scheduled.length).toBeGreaterThan(0);
  for (const action of scheduled) expect(traced).toContain(JSON.stringify(action));
  learner.dispose();
  return result;
}

/** Backward passes of all that was taken in. */
function backwards(
  learner: { actions(): TimedAction[]; metrics(): { admitted: number } },
  { partition, workers }: Setup,
): number {
  const { participation } = slots(partition, workers);
  const taken = learner.actions().filter(({ kind, stage }) => kind === "F" && stage === 0);
  if (taken.length < learner.metrics().admitted) return Number.POSITIVE_INFINITY;
  const ordinals = workers.map(() => 0);
  let passes = 0;
  for (const { worker } of taken) {
    const ordinal = ordinals[worker]!++;
    passes += partition.length - participation[worker]!.findIndex((n) => ordinal % n === 0);
  }
  return passes;
}

const machines = fc.record({
  threads: fc.integer({ min: 1, max: 3 }),
  optimizer: fc.constantFrom(...optimizerNames),
});

/** Wall-clock grids are too wide to print. */
const firstLine = (violation: string) => violation.split("\n")[0];

describe("the engine on threads", () => {
  it("trains as a naive trainer does that follows its trace, whatever the threads did when", async () => {
    await fc.assert(
      fc.asyncProperty(pipelines, machines, async (pipeline, { threads, optimizer }) => {
        const { actions, items, initial, memory, parameters, metrics } = await run({
          ...pipeline,
          threads,
          emptiesFirst: true,
          optimizer,
        });
        const naive = replayPerceptron(actions, pipeline.partition, items, initial, { optimizer });
        expect(metrics.memory).toEqual(memory);
        naive.parameters.forEach((value, index) => {
          expect(Math.abs(value - parameters[index]!)).toBeLessThan(1e-4);
        });
        naive.staleness.forEach((values, stage) => {
          const histogram = metrics.staleness[stage]!;
          expect(histogram.map((_, value) => values.filter((v) => v === value).length)).toEqual([
            ...histogram,
          ]);
        });
      }),
      { numRuns: 12 },
    );
  });

  it("learns an item when its labels come, and predicts it before", async () => {
    const labelDelay = 5;
    const workers = plainWorkers(2, 2);
    const setup = { partition: [0, 2], workers, threads: 2, labelDelay, emptiesFirst: true };
    const { actions, items, initial, parameters, predictions, metrics } = await run(setup);
    expect(Math.min(...actions.map(({ item }) => item))).toBe(labelDelay);
    // By the number of the item that it is learned with; the first five learn nothing.
    const learned = items.map((item, k) => items[k - labelDelay] ?? item);
    const naive = replayPerceptron(actions, setup.partition, learned, initial);
    naive.parameters.forEach((value, index) => {
      expect(Math.abs(value - parameters[index]!)).toBeLessThan(1e-4);
    });
    expect(predictions.length).toBe(items.length);
    expect([metrics.items, metrics.admitted, metrics.dropped]).toEqual([
      items.length,
      items.length - labelDelay,
      0,
    ]);
  });

  it("holds to the rules of the pipeline and to the memory that was predicted, to the byte", async () => {
    await fc.assert(
      fc.asyncProperty(
        pipelines,
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom("iter-fisher" as const, "secant" as const),
        async (pipeline, threads, compensation) => {
          const { actions, memory, metrics, items, predictions } = await run({
            ...pipeline,
            threads,
            compensation,
          });
          expect(validate(actions, pipeline.partition.length).map(firstLine)).toEqual([]);
          expect(metrics.memory).toEqual(memory);
          expect(predictions.length).toBe(items.length);
          // Items that are not timed wait for room.
          expect(metrics.admitted).toBe(items.length);
          expect(metrics.dropped).toBe(0);
          for (const { mostHeld, slots } of metrics.versions)
            expect(mostHeld).toBeLessThanOrEqual(slots);
        },
      ),
      { numRuns: 8 },
    );
  });

  it("drops what comes too fast, and predicts it all the same", async () => {
    const { metrics, predictions, items } = await run({
      partition: [0, 2],
      workers: plainWorkers(2, 1),
      threads: 1,
      arrivalInterval: 0.001,
      itemCount: 400,
    });
    expect(predictions.length).toBe(items.length);
    expect(metrics.admitted + metrics.dropped).toBe(items.length);
    expect(metrics.dropped).toBeGreaterThan(0);
  });

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
      const failing = run({ partition: [0, 2], workers: plainWorkers(2, 2), threads: 2, mode });
      await expect(failing).rejects.toThrow(/^Thread [01] failed in/);
      await expect(failing).rejects.toThrow(message);
    },
  );

  it.each([
    ["threads", { threads: 0 }, /threads/],
    ["interval", { arrivalInterval: -1 }, /arrivalInterval/],
  ])("refuses a wrong number of %s", async (_, change, message) => {
    const setup = { partition: [0], workers: plainWorkers(1, 1), threads: 1, ...change };
    await expect(run(setup)).rejects.toThrow(message);
  });
});
