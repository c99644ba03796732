// Threads start from built JavaScript, so this test uses the package as others do.

import { referenceKernels } from "@ferret-ocl/compensation";
import { createOptimizer, optimizerNames, profileModel } from "@ferret-ocl/pipeline";
import { arrivalSlots, Ledger, startThreadsLearner } from "@ferret-ocl/pipeline/engine";
import { noOverheads, plainWorkers } from "@ferret-ocl/planner";
import { describe, expect, it } from "vitest";
import { optimizerOptions } from "../naive-trainer.js";
import {
  batch,
  drawItems,
  learningRate,
  model,
  planOf,
  replayPerceptron,
  runtime,
  runtimeChoice,
} from "../perceptron.js";

const threads = 4;
const heldFrom = 20;
const partition = [0, 2];
const profile = profileModel({ model, runtime, batch, timing: "model" });

/**
 * Every thread is held in a loss; then the end is called for, and they are let go. All backward
 * passes behind that are the drain's, and most of them are late: none has seen the others.
 */
async function drain(optimizer: string) {
  const optimizerArguments = [optimizer, optimizerOptions[optimizer] ?? {}] as const;
  const overheads = {
    ...noOverheads,
    executorCount: threads,
    arrivalSlots: arrivalSlots(threads),
    optimiserVectors: createOptimizer(...optimizerArguments, referenceKernels).vectors,
  };
  const plan = planOf(profile, { partition, workers: plainWorkers(2, 8) }, overheads, 1);
  const gate = new Int32Array(new SharedArrayBuffer(12));
  const learner = await startThreadsLearner({
    model,
    profile,
    plan,
    threads,
    runtime: runtimeChoice,
    ledger: new Ledger(),
    algorithm: {
      module: new URL("./gated-cross-entropy.mjs", import.meta.url).href,
      export: "createGated",
      arguments: [gate, heldFrom],
    },
    compensator: {
      module: "@ferret-ocl/compensation",
      export: "createCompensator",
      arguments: ["none", {}],
    },
    optimizer: {
      module: "@ferret-ocl/pipeline",
      export: "createOptimizer",
      arguments: optimizerArguments,
    },
    learningRate,
    seed: 4,
    arrivalInterval: null,
    onPrediction() {},
    tracedItems: 1000,
  });
  const initial = learner.parameters();
  const items = drawItems(heldFrom + threads, 11);
  const reached = async (place: number, count: number) => {
    while (Atomics.load(gate, place) < count) await new Promise((done) => setTimeout(done, 1));
  };
  for (const [index, item] of items.entries()) {
    // Each item that is held has a worker of its own.
    if (index === heldFrom) await reached(0, heldFrom);
    await learner.observe(item);
  }
  await reached(1, threads);
  const drainsFrom = learner.actions().length;
  const finished = learner.finish();
  // The lock is free, so by then it has said that no item comes.
  await new Promise((done) => setImmediate(done));
  Atomics.store(gate, 2, 1);
  Atomics.notify(gate, 2);
  await finished;
  const actions = learner.actions();
  const parameters = learner.parameters();
  await learner.dispose();
  return { actions, drainsFrom, initial, items, parameters };
}

describe("the end of a stream on threads", () => {
  it.each(optimizerNames)(
    "counts the nth late gradient, or step, as 1 / (n + 1): %s",
    async (optimizer) => {
      const { actions, drainsFrom, initial, items, parameters } = await drain(optimizer);
      const late = actions.slice(drainsFrom).filter(({ kind }) => kind === "B");
      expect(late.length).toBe(2 * threads);
      const learn = (drains: object) =>
        replayPerceptron(actions, partition, items, initial, { optimizer, ...drains });
      const farthest = (other: readonly number[]) =>
        Math.max(...other.map((value, index) => Math.abs(value - parameters[index]!)));
      expect(farthest(learn({ drainsFrom }).parameters)).toBeLessThan(1e-4);
      // Applied in full they would have come to something else.
      expect(farthest(learn({}).parameters)).toBeGreaterThan(1e-2);
    },
  );
});
