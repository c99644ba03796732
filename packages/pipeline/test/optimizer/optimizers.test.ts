import { readFileSync } from "node:fs";
import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import { leastMemory, plan as makePlan, noOverheads } from "@ferret-ocl/planner";
import { describe, expect, it } from "vitest";
import {
  createScheduledLearner,
  createVirtualLearner,
  Ledger,
  loadTfjsRuntime,
} from "../../src/engine.js";
import {
  createOptimizer,
  optimizerNames,
  parseModel,
  planSchedule,
  profileModel,
  type Runtime,
} from "../../src/index.js";
import { createCrossEntropy } from "../cross-entropy.mjs";
import { plainWorker, planOf, runtime } from "../perceptron.js";
import { random } from "../runtime/runtime-passes.js";

interface Table {
  readonly start: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  readonly runs: readonly {
    readonly optimizer: string;
    readonly options: object;
    readonly learningRate: number;
    readonly weights: readonly (readonly number[])[];
  }[];
}

/** What `files/write_optimizers.py` computes with PyTorch. */
const table = JSON.parse(
  readFileSync(new URL("../files/torch/optimizers.json", import.meta.url), "utf8"),
) as Table;

const numbers = (count: number) => new Float64Array(count);
const allocate = (length: number) => new Float32Array(length);

describe("an optimizer", () => {
  it.each(table.runs)(
    "$optimizer $options goes the way of PyTorch's at learning rate $learningRate",
    ({ optimizer, options, learningRate, weights }) => {
      const { init, step } = createOptimizer(optimizer, options, referenceKernels);
      const state = init(table.start.length, allocate, numbers);
      const now = Float32Array.from(table.start);
      const apart = new Float32Array(now.length);
      // Of each weight so far: what its rounding errors are in proportion to.
      const largest = table.start.map(() => 1);
      table.gradients.forEach((each, index) => {
        // In place, and to another vector, in turn.
        const gradient = Float32Array.from(each);
        const destination = index % 2 === 0 ? now : apart;
        step(destination, now, gradient, state, learningRate);
        expect([...gradient]).toEqual([...Float32Array.from(each)]);
        now.set(destination);
        weights[index]!.forEach((value, at) => {
          largest[at] = Math.max(largest[at]!, Math.abs(value));
          expect(Math.abs(now[at]! - value)).toBeLessThan(2e-6 * largest[at]!);
        });
      });
      expect(now[0]).toBe(Math.fround(table.start[0]!));
    },
  );

  it("tells how far a gradient that stays moves weights in all, in learning rates", () => {
    for (const mu of [0, 0.5, 0.9]) {
      const { init, step, stepFactor } = createOptimizer(
        "momentum",
        { momentum: mu },
        referenceKernels,
      );
      const state = init(1, allocate, numbers);
      const weights = new Float32Array(1);
      for (let count = 0; count < 200; count++) {
        const gradient = Float32Array.of(count === 0 ? 1 : 0);
        step(weights, weights, gradient, state, 0.5);
      }
      expect(-weights[0]! / 0.5).toBeCloseTo(stepFactor?.(state) as number, 4);
    }
    // Adam goes the same way for any gradient that stays.
    const { init, step, stepFactor } = createOptimizer("adam", {}, referenceKernels);
    const state = init(2, allocate, numbers);
    const weights = new Float32Array(2);
    step(weights, weights, Float32Array.of(0.25, 0.25), state, 0.5);
    expect(-weights[0]! / 0.5).toBeCloseTo(0.25 * (stepFactor?.(state) as number), 5);
    expect(createOptimizer("sgd", {}, referenceKernels).stepFactor).toBeUndefined();
  });

  it.each(optimizerNames)("%s asks for as many vectors as it says", (name) => {
    const { init, vectors } = createOptimizer(name, {}, referenceKernels);
    let given = 0;
    init(
      5,
      (length) => {
        given++;
        return allocate(length);
      },
      numbers,
    );
    expect(given).toBe(vectors);
  });

  it.each([
    ["nadam", {}, /one of sgd, momentum, adam for optimizer but received "nadam"/],
    ["sgd", { momentum: 0.9 }, /no options for options of sgd but received "momentum"/],
    ["momentum", { beta1: 0.9 }, /only momentum for options of momentum but received "beta1"/],
    ["momentum", { momentum: 1 }, /from 0 to below 1 for momentum but received 1/],
    ["adam", { beta2: -0.1 }, /from 0 to below 1 for beta2 but received -0.1/],
    ["adam", { epsilon: 0 }, /from 1e-30 to 1e30 for epsilon but received 0/],
  ])("%s with %o is refused by name", (name, options, message) => {
    expect(() => createOptimizer(name, options, referenceKernels)).toThrow(message);
  });
});

const batch = 3;
const classes = 3;
const layer = (class_name: string, config: object = {}) => ({ class_name, config });

/** Statistics behind a frozen convolution, whose input never changes, so that they are known. */
const model = parseModel({
  class_name: "Sequential",
  config: {
    layers: [
      layer("Conv2D", {
        name: "conv",
        filters: 3,
        kernel_size: 2,
        trainable: false,
        batch_input_shape: [null, 4, 4, 2],
      }),
      layer("BatchNormalization", { name: "norm", momentum: 0.8 }),
      layer("Flatten"),
      layer("Dense", { name: "dense", units: classes }),
    ],
  },
});
const items = Array.from({ length: 9 }, (_, index) => ({
  x: random(batch * 32, index + 1),
  labels: Int32Array.from({ length: batch }, (__, sample) => (index + sample) % classes),
  size: batch,
}));
const statistics = model.layers[1]!.parameters.reduce(
  (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
  0,
);
const convolution = model.layers[0]!.parameterCount;
const algorithm = createCrossEntropy("learn", { batch, classes });

function common(of: Runtime, name: string, learningRate: number) {
  const profile = profileModel({ model, runtime: of, batch, timing: "model" });
  const optimizer = createOptimizer(name, {}, referenceKernels);
  return {
    model,
    profile,
    runtime: of,
    ledger: new Ledger(null),
    algorithm,
    compensator: createCompensator("none"),
    optimizer,
    kernels: referenceKernels,
    learningRate,
    seed: 3,
    overheads: { ...noOverheads, optimiserVectors: optimizer.vectors },
  };
}

function learn(of: Runtime, name: string, learningRate: number, accumulate = 1) {
  const settings = common(of, name, learningRate);
  const { profile, overheads } = settings;
  const partition = [0, 3];
  const workers = [{ ...plainWorker(2), accumulate: [accumulate, 1] }];
  const plan = planOf(
    profile,
    { partition, workers },
    overheads,
    // Each item is through before the next one comes.
    10 * profile.sequentialTime,
  );
  const learner = createVirtualLearner({ ...settings, plan });
  const start = learner.parameters();
  for (const item of items) learner.observe(item);
  learner.finish();
  const end = learner.parameters();
  expect(learner.metrics().memory).toEqual(plan.memory);
  learner.dispose();
  return { start, end };
}

const tfjs = await loadTfjsRuntime(["cpu"]);

describe("a pipeline with an optimizer", () => {
  it.each(
    [runtime, tfjs].flatMap((of) => optimizerNames.map((name) => [of.name, name, of] as const)),
  )("on %s with %s moves statistics by their own rate, and nothing frozen", (_, name, of) => {
    // Statistics of the same inputs, whatever the learning rate and the optimizer.
    const { end: usual } = learn(of, "sgd", 0.01);
    const { start, end } = learn(of, name, 0.05);
    expect([...end.subarray(0, convolution)]).toEqual([...start.subarray(0, convolution)]);
    const scaleAndOffset = convolution + statistics / 2;
    for (let index = scaleAndOffset; index < convolution + statistics; index++)
      expect(Math.abs(end[index]! - usual[index]!)).toBeLessThan(1e-5);
    expect([...end.subarray(scaleAndOffset)]).not.toEqual([...start.subarray(scaleAndOffset)]);
    expect([...end.subarray(convolution, scaleAndOffset)]).not.toEqual([
      ...start.subarray(convolution, scaleAndOffset),
    ]);
  });

  it.each(optimizerNames)("gathers gradients for %s", (name) => {
    const { start, end } = learn(runtime, name, 0.05, 2);
    expect([...end.subarray(0, convolution)]).toEqual([...start.subarray(0, convolution)]);
    expect(end.every(Number.isFinite)).toBe(true);
  });

  it.each(optimizerNames)(
    "plans anew with %s, the vectors of which are in the new plan",
    (name) => {
      const settings = common(runtime, name, 0.05);
      const { profile, overheads, optimizer } = settings;
      const request = { profile, overheads, arrivalInterval: 10 * profile.sequentialTime };
      const learner = createVirtualLearner({
        ...settings,
        plan: makePlan({ ...request, memoryBudget: null }),
      });
      for (const item of items.slice(0, 5)) learner.observe(item);
      // The run has settled long since: what changes now is the plan alone.
      const before = learner.parameters();
      const memoryBudget = leastMemory(request).memory.total;
      learner.replan({ memoryBudget, units: null });
      expect(learner.switches()).toHaveLength(0);
      learner.observe(items[5]!);
      expect(learner.switches()).toHaveLength(1);
      expect(learner.switches()[0]!.memory.after).toBe(memoryBudget);
      learner.finish();
      expect([...learner.parameters()]).not.toEqual([...before]);
      const { held } = settings.ledger;
      const weights = 4 * model.parameterCount;
      expect(held.byCategory.optimiser).toBeGreaterThanOrEqual(optimizer.vectors * weights);
      expect(held.byCategory.optimiser).toBeLessThan(optimizer.vectors * (weights + 64 * 4) + 1);
      learner.dispose();
    },
  );

  it.each(
    ["dapple", "pipedream", "pipedream-2bw", "zero-bubble"].flatMap((schedule) =>
      optimizerNames.map((name) => [schedule, name] as const),
    ),
  )("plays %s with %s in the memory that was planned", (schedule, name) => {
    const settings = common(runtime, name, 0.05);
    const { profile, overheads } = settings;
    const plan = planSchedule(profile, schedule, 2, 2, { ...overheads, queueLength: 1 });
    const learner = createScheduledLearner({
      ...settings,
      plan,
      arrivalInterval: profile.sequentialTime,
    });
    const start = learner.parameters();
    for (const item of items) learner.observe(item);
    learner.finish();
    const end = learner.parameters();
    expect(learner.metrics().memory).toEqual(plan.memory);
    expect([...end.subarray(0, convolution)]).toEqual([...start.subarray(0, convolution)]);
    expect([...end.subarray(convolution)]).not.toEqual([...start.subarray(convolution)]);
    learner.dispose();
  });
});
