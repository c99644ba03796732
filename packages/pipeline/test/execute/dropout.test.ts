// Threads start from built JavaScript, so this test uses the package as others do.

import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import { type Model, parseModel, profileModel, type TimedAction } from "@ferret-ocl/pipeline";
import {
  arrivalSlots,
  createVirtualLearner,
  Ledger,
  startThreadsLearner,
} from "@ferret-ocl/pipeline/engine";
import { noOverheads } from "@ferret-ocl/planner";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { initialise } from "../../src/model/initialise.js";
import { createCrossEntropy } from "../cross-entropy.mjs";
import { replay } from "../naive-trainer.js";
import { drawItems, pipelines, planOf, runtime, runtimeChoice } from "../perceptron.js";

// A perceptron with Dropout behind its first and its last but one layer.
const sizes = [5, 6, 5, 4, 3];
const [batch, classes, learningRate] = [2, 3, 0.3];
const [rate, firstSeed] = [0.3, 12];
const dense = (units: number, config: object = {}) => ({
  class_name: "Dense",
  config: { units, ...config },
});
const specification = {
  class_name: "Sequential",
  config: {
    layers: [
      dense(6, { activation: "relu", batch_input_shape: [null, 5] }),
      { class_name: "Dropout", config: { name: "first", rate, seed: firstSeed } },
      dense(5, { activation: "relu" }),
      dense(4, { activation: "relu" }),
      { class_name: "Dropout", config: { name: "second", rate } },
      dense(3),
    ],
  },
};
const model = parseModel(specification, { seed: 9 });
/** By dense layer, where it lies in the model. */
const places = [0, 2, 3, 5];

const seedOf = ({ layers }: Model, name: string) => {
  const configuration = layers.find((layer) => layer.name === name)?.configuration;
  return configuration?.kind === "dropout" ? configuration.seed : Number.NaN;
};

/** The pipelines of other tests, cut before the same dense layers. */
const setups = pipelines.map(({ partition, ...rest }) => ({
  partition: partition.map((layer) => places[layer]!),
  ...rest,
}));
type Setup = typeof setups extends fc.Arbitrary<infer S> ? S : never;

function prepare(setup: Setup, extra: object) {
  const profile = profileModel({ model, runtime, batch, timing: "model" });
  const overheads = { ...noOverheads, ...extra };
  const plan = planOf(profile, setup, overheads, 1);
  return { model, profile, plan, learningRate, seed: 4, ledger: new Ledger(plan.memory.total) };
}

function virtualRun(setup: Setup, arrivalInterval: number) {
  const actions: TimedAction[] = [];
  const options = prepare(setup, {});
  const learner = createVirtualLearner({
    ...options,
    plan: { ...options.plan, arrivalInterval },
    runtime,
    kernels: referenceKernels,
    algorithm: createCrossEntropy("learn", { batch, classes }),
    compensator: createCompensator("none"),
    onAction: (action) => actions.push(action),
  });
  const items = drawItems(40, 7);
  for (const item of items) learner.observe(item);
  const drainsFrom = actions.length;
  learner.finish();
  const { memory } = learner.metrics();
  const result = { actions, items, parameters: learner.parameters(), memory, drainsFrom };
  learner.dispose();
  expect(memory).toEqual(options.plan.memory);
  return result;
}

async function threadedRun(setup: Setup, threads: number) {
  const options = prepare(setup, {
    executorCount: threads,
    arrivalSlots: arrivalSlots(threads),
  });
  const learner = await startThreadsLearner({
    ...options,
    threads,
    runtime: runtimeChoice,
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
    arrivalInterval: null,
    onPrediction: () => {},
    tracedItems: 1000,
  });
  const items = drawItems(30, 7);
  for (const item of items) await learner.observe(item);
  // What is in flight when the stream ends is learned by another rule.
  const backwards = () => learner.actions().filter(({ kind }) => kind === "B").length;
  while (backwards() < setup.partition.length * learner.metrics().admitted)
    await new Promise((resolve) => setTimeout(resolve, 1));
  await learner.finish();
  const result = { actions: learner.actions(), items, parameters: learner.parameters() };
  const { memory } = learner.metrics();
  learner.dispose();
  expect(memory).toEqual(options.plan.memory);
  return result;
}

/** The naive trainer on a trace; `drop` null: without Dropout. */
function follow(
  { actions, items }: { actions: TimedAction[]; items: ReturnType<typeof drawItems> },
  { partition }: Setup,
  drops: readonly [number, number] | null,
  drainsFrom?: number,
) {
  const layers = sizes.slice(1).map((units, index) => {
    const seed = index === 0 ? drops?.[0] : index === 2 ? drops?.[1] : undefined;
    return {
      inputs: sizes[index]!,
      units,
      relu: index < sizes.length - 2,
      ...(seed === undefined ? {} : { drop: { rate, seed } }),
    };
  });
  const starts = partition.map((layer) => places.indexOf(layer));
  const stages = starts.map((first, stage) => ({
    layers: layers.slice(first, starts[stage + 1] ?? layers.length),
  }));
  const naive = items.map(({ x, labels }) => ({
    x: Array.from({ length: batch }, (_, sample) => [...x.subarray(5 * sample, 5 * sample + 5)]),
    labels: [...labels],
  }));
  return replay(actions, stages, naive, [...initialise(model, 4)], learningRate, {
    ...(drainsFrom === undefined ? {} : { drainsFrom }),
  }).parameters;
}

const distance = (a: ArrayLike<number>, b: readonly number[]) =>
  b.reduce((most, value, index) => Math.max(most, Math.abs(value - a[index]!)), 0);
const drops = [seedOf(model, "first"), seedOf(model, "second")] as const;

describe("Dropout", () => {
  it("drops in an item's passes, recomputed or not, what a naive trainer drops", () => {
    fc.assert(
      fc.property(setups, fc.constantFrom(0.3, 1, 3), (setup, interval) => {
        const result = virtualRun(setup, interval);
        const naive = follow(result, setup, drops, result.drainsFrom);
        expect(distance(result.parameters, naive)).toBeLessThan(1e-4);
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  it("would show if it dropped others, or none", () => {
    const worker = { recompute: true, accumulate: [1, 1], omit: [0, 0] };
    const setup = { partition: [0, 3], workers: [worker], inFlight: undefined };
    const result = virtualRun(setup, 3);
    const { drainsFrom } = result;
    expect(distance(result.parameters, follow(result, setup, drops, drainsFrom))).toBeLessThan(
      1e-4,
    );
    const swapped = [drops[1], drops[0]] as const;
    for (const other of [swapped, null])
      expect(distance(result.parameters, follow(result, setup, other, drainsFrom))).toBeGreaterThan(
        1e-2,
      );
    expect(virtualRun(setup, 3).parameters).toEqual(result.parameters);
  });

  it("does the same on threads", async () => {
    for (const threads of [1, 2]) {
      const workers = [true, false].map((recompute) => ({
        recompute,
        accumulate: [1, 1],
        omit: [0, 0],
      }));
      const setup = { partition: [0, 3], workers, inFlight: undefined };
      const result = await threadedRun(setup, threads);
      expect(distance(result.parameters, follow(result, setup, drops))).toBeLessThan(1e-4);
    }
  });

  it("draws from its own seed, else from the model's and its name", () => {
    const other = parseModel(specification, { seed: 10 });
    expect(seedOf(other, "first")).toBe(drops[0]);
    expect(seedOf(other, "second")).not.toBe(drops[1]);
    expect(seedOf(parseModel(specification, { seed: 9 }), "second")).toBe(drops[1]);
  });

  it("keeps its share, scaled so that the mean stays, and all of it when predicting", () => {
    const layers = parseModel({
      class_name: "Sequential",
      config: {
        layers: [
          {
            class_name: "Dropout",
            config: { rate: 0.2, seed: 1, batch_input_shape: [null, 1000] },
          },
        ],
      },
    }).layers;
    const run = (mode: "learn" | "predict", draw: number) => {
      const program = runtime.compile(layers, 20, mode);
      const output = new Float32Array(20_000);
      const ones = new Float32Array(20_000).fill(1);
      const scratch = new Uint8Array(program.scratchBytes);
      program.forward(new Float32Array(0), ones, null, output, scratch, draw);
      return output;
    };
    const first = run("learn", 1);
    const open = first.filter((value) => value !== 0);
    expect(new Set(open)).toEqual(new Set([Math.fround(1.25)]));
    // Four deviations of 20,000 draws.
    expect(Math.abs(open.length / 20_000 - 0.8)).toBeLessThan(4 * Math.sqrt(0.16 / 20_000));
    expect(run("learn", 1)).toEqual(first);
    // Another item drops others: both keep what both would by chance.
    const second = run("learn", 2);
    const both = first.filter((value, place) => value !== 0 && second[place] !== 0).length;
    expect(Math.abs(both / 20_000 - 0.64)).toBeLessThan(4 * Math.sqrt((0.64 * 0.36) / 20_000));
    expect(run("predict", 1).every((value) => value === 1)).toBe(true);
  });
});
