// Threads start from built JavaScript, so this test uses the package as others do.
import { createAlgorithm } from "@ferret-ocl/ocl-algorithms";
import { profileModel } from "@ferret-ocl/pipeline";
import {
  type Admission,
  arrivalSlots,
  type Batch,
  coresetChoice,
  Ledger,
  newest,
  predictOneStageMemory,
  startThreadsLearner,
  startThreadsOneStageLearner,
  withAlgorithm,
} from "@ferret-ocl/pipeline/engine";
import { noOverheads, plainWorkers } from "@ferret-ocl/planner";
import { describe, expect, it } from "vitest";
import {
  batch,
  drawItems,
  regressionModel as model,
  outputs,
  planOf,
  replayPerceptron,
  runtime,
  runtimeChoice,
  withTargets,
} from "../perceptron.js";

const threads = 2;
const items = withTargets(drawItems(60, 11));
const algorithmOf = (name: string) => ({
  module: "@ferret-ocl/ocl-algorithms",
  export: "createAlgorithm",
  arguments: [name],
});
const compensator = {
  module: "@ferret-ocl/compensation",
  export: "createCompensator",
  arguments: ["none", {}],
};
const options = { replay: 3, capacity: 9 };

/** What an algorithm says of itself, and the profile of a run with it. */
function counted(name: string, itemsAtOnce = 1) {
  const { parameterCount, inputShape } = model;
  const shape = { batch: itemsAtOnce * batch, inputLength: inputShape[0]!, classes: outputs };
  const algorithm = createAlgorithm(
    name,
    { ...shape, parameterCount, loss: "meanSquaredError" },
    { seed: 1, ...(name === "er" && options) },
  );
  const { learnBatch, memoryBytes } = algorithm;
  const bare = profileModel({ model, runtime, batch, learnBatch, timing: "model" });
  const overheads = {
    ...noOverheads,
    executorCount: threads,
    arrivalSlots: arrivalSlots(threads),
    replayBytes: memoryBytes.replay,
    algorithmBytes: memoryBytes.algorithm,
  };
  return { algorithm, overheads, profile: withAlgorithm(bare, algorithm) };
}

/** Notes what was told of predictions, in their order. */
function listener() {
  const told: { error: number; values: Float32Array; targets: Float32Array }[] = [];
  const onValues = (item: number, error: number, values: Float32Array, targets: Float32Array) => {
    expect(item).toBe(told.length);
    told.push({ error, values: values.slice(), targets: targets.slice() });
  };
  return { told, onValues };
}

function expectTold(told: ReturnType<typeof listener>["told"]) {
  expect(told.length).toBe(items.length);
  for (const [k, { error, values, targets }] of told.entries()) {
    expect(targets).toEqual(items[k]!.targets);
    const squares = values.map((value, at) => (value - targets[at]!) ** 2);
    expect(error).toBeCloseTo(squares.reduce((sum, square) => sum + square) / values.length, 5);
  }
}

describe("regression on threads", () => {
  it.each([
    ["labels that come with their item", 0, "er"],
    ["labels that come five items late", 5, "vanilla"],
  ])("tells values, and keeps to the plan's memory, with %s", async (_, delay, name) => {
    const { profile, overheads } = counted(name);
    const cut = { partition: [0, 2], workers: plainWorkers(2, 2) };
    const plan = planOf(profile, cut, overheads, 1);
    const { told, onValues } = listener();
    const learner = await startThreadsLearner({
      model,
      profile,
      plan,
      threads,
      runtime: runtimeChoice,
      ledger: new Ledger(plan.memory.total),
      algorithm: algorithmOf(name),
      algorithmOptions: { seed: 1, ...(name === "er" && options) },
      compensator,
      learningRate: 0.1,
      seed: 4,
      arrivalInterval: null,
      onPrediction() {
        throw new Error("Expected values to be told");
      },
      onValues,
      tracedItems: 1000,
    });
    const initial = learner.parameters();
    for (const [k, item] of items.entries()) await learner.observe(item, items[k - delay] ?? null);
    // What `finish` finds in flight is learned by another rule.
    const passes = 2 * (items.length - delay);
    while (learner.actions().filter(({ kind }) => kind === "B").length < passes)
      await new Promise((resolve) => setTimeout(resolve, 1));
    await learner.finish();
    expectTold(told);
    const { memory, regression, admitted } = learner.metrics();
    expect(memory).toEqual(plan.memory);
    expect(admitted).toBe(items.length - delay);
    expect(regression?.samples).toBe(items.length * batch);
    const mean = told.reduce((sum, { error }) => sum + error, 0) / told.length;
    const squares = regression!.outputs.reduce((sum, { rmse }) => sum + rmse ** 2, 0);
    expect(squares / outputs).toBeCloseTo(mean, 5);
    if (name === "vanilla") {
      const learned = items.map((item, k) => items[k - delay] ?? item);
      const naive = replayPerceptron(learner.actions(), cut.partition, learned, initial, {
        learningRate: 0.1,
      });
      naive.parameters.forEach((value, index) => {
        expect(Math.abs(value - learner.parameters()[index]!)).toBeLessThan(1e-4);
      });
    }
    const values = new Float32Array(batch * outputs);
    const error = learner.evaluate(items[0] as Batch, values);
    expect(learner.predict(items[0] as Batch).slice(0, values.length)).toEqual(values);
    const gaps = values.map((value, at) => (value - items[0]!.targets[at]!) ** 2);
    expect(error).toBeCloseTo(gaps.reduce((sum, gap) => sum + gap) / gaps.length, 5);
    await learner.dispose();
  });

  it.each<[string, Admission]>([
    ["every item", { kind: "every" }],
    ["the newest of those that wait", { kind: "batch-skip", waiting: 3, atOnce: 2, rule: newest }],
    [
      "a coreset of them",
      {
        kind: "batch-skip",
        waiting: 3,
        atOnce: 2,
        rule: coresetChoice({ predictionTime: 0.1 }),
      },
    ],
  ])("learns %s in one stage, in the memory that was predicted", async (_, admission) => {
    const atOnce = admission.kind === "batch-skip" ? admission.atOnce : 1;
    const { algorithm, profile, overheads } = counted("er", atOnce);
    const memory = predictOneStageMemory({ model, profile, admission, algorithm, overheads });
    const { told, onValues } = listener();
    const learner = await startThreadsOneStageLearner({
      model,
      profile,
      admission,
      threads,
      runtime: runtimeChoice,
      ledger: new Ledger(memory.total),
      algorithm: algorithmOf("er"),
      algorithmOptions: { seed: 1, ...options },
      compensator,
      learningRate: 0.1,
      seed: 3,
      arrivalInterval: null,
      onPrediction: () => {},
      onValues,
    });
    for (const item of items) await learner.observe(item);
    await learner.finish();
    expectTold(told);
    const { memory: held, updates, refusedUpdates } = learner.metrics();
    expect(held).toEqual(memory);
    expect(updates[0]).toBeGreaterThan(0);
    expect(refusedUpdates).toEqual([0]);
    await learner.dispose();
  });
});
