import {
  type Overheads,
  type Plan,
  type Profile,
  paperMemory,
  predictMemory,
  type WorkerConfiguration,
} from "@ferret-ocl/planner";
import fc from "fast-check";
import { loadNativeRuntime, loadTfjsRuntime } from "../src/engine.js";
import { InputError, parseModel, type RuntimeChoice } from "../src/index.js";
import { type ReplayOptions, replay } from "./naive-trainer.js";

// What the tests of both engines learn: a small perceptron, on items drawn from a seed.

/** The runtime that is here. */
export const runtime = await loadNativeRuntime().catch((error: Error) => {
  if (!(error instanceof InputError)) throw error;
  return loadTfjsRuntime(["cpu"]);
});

/** How a thread loads the same one. */
export const runtimeChoice: RuntimeChoice =
  runtime.name === "native" ? { name: "native" } : { name: "tfjs", backends: ["cpu"] };

const sizes = [5, 6, 5, 4, 3];
export const layerCount = sizes.length - 1;
export const classes = 3;
export const batch = 2;
export const learningRate = 0.3;

const specification = {
  class_name: "Sequential",
  config: {
    layers: sizes.slice(1).map((units, index) => ({
      class_name: "Dense",
      config: {
        units,
        activation: index < sizes.length - 2 ? "relu" : "linear",
        ...(index === 0 ? { batch_input_shape: [null, sizes[0]] } : {}),
      },
    })),
  },
};
export const model = parseModel(specification);
/** The same, whose logits are three values that are predicted. */
export const regressionModel = parseModel(specification, { loss: "meanSquaredError" });
export const outputs = 3;

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function drawItems(count: number, seed: number) {
  const next = random(seed);
  return Array.from({ length: count }, () => ({
    x: Float32Array.from({ length: batch * sizes[0]! }, () => 2 * next() - 1),
    labels: Int32Array.from({ length: batch }, () => Math.floor(classes * next())),
    size: batch,
  }));
}

/** The same items with targets, which depend on their inputs, in place of labels. */
export const withTargets = (items: ReturnType<typeof drawItems>) =>
  items.map(({ x, size }) => ({
    x,
    labels: new Int32Array(0),
    targets: Float32Array.from({ length: size * outputs }, (_, at) => {
      const input = x[Math.floor(at / outputs) * sizes[0]! + (at % outputs)]!;
      return input + Math.sin(3 * input);
    }),
    size,
  }));

export const plainWorker = (stageCount: number): WorkerConfiguration => ({
  recompute: false,
  accumulate: new Array(stageCount).fill(1),
  omit: new Array(stageCount).fill(0),
});

/** A plan made by hand, with the memory that the planner predicts for it. */
export function planOf(
  profile: Profile,
  {
    partition,
    workers,
    inFlight,
  }: {
    partition: number[];
    workers: WorkerConfiguration[];
    inFlight?: number[] | undefined;
  },
  overheads: Overheads,
  arrivalInterval: number,
): Plan {
  return {
    version: 1,
    model: profile.model,
    strategy: "greedy",
    partition,
    stageCount: partition.length,
    workerCount: workers.length,
    workers,
    ...(inFlight && { inFlight }),
    removedWorkers: 0,
    arrivalInterval,
    memoryBudget: null,
    adaptationRate: 0,
    stageForwardTime: 0,
    stageBackwardTime: 0,
    memory: predictMemory(profile, partition, workers, overheads, inFlight),
    paperMemory: paperMemory(profile, partition, workers),
  };
}

/** Any cut of the perceptron, and one to four workers with any techniques, in shared slots or not. */
export const pipelines = fc
  .record({
    cuts: fc.subarray([1, 2, 3]),
    draws: fc.array(
      fc.record({
        recompute: fc.boolean(),
        accumulate: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }),
        omit: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    limits: fc.option(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 4, maxLength: 4 }), {
      nil: undefined,
    }),
  })
  .map(({ cuts, draws, limits }) => {
    const partition = [0, ...cuts];
    const last = partition.length - 1;
    // Neither T2 nor T3 is for the last stage.
    const workers = draws.map(({ recompute, accumulate, omit }) => ({
      recompute,
      accumulate: partition.map((_, stage) => (stage === last ? 1 : accumulate[stage]!)),
      omit: partition.map((_, stage) => (stage === last ? 0 : omit[stage]!)),
    }));
    return { partition, workers, inFlight: limits?.slice(0, partition.length) };
  });

/** The naive trainer of `naive-trainer.ts` on a trace of this perceptron. */
export function replayPerceptron(
  actions: Parameters<typeof replay>[0],
  partition: readonly number[],
  items: readonly (ReturnType<typeof drawItems>[0] & { readonly targets?: Float32Array })[],
  initial: Float32Array,
  {
    learningRate: rate = learningRate,
    ...options
  }: ReplayOptions & { readonly learningRate?: number } = {},
) {
  const layers = sizes.slice(1).map((units, index) => ({
    inputs: sizes[index]!,
    units,
    relu: index < sizes.length - 2,
  }));
  const stages = partition.map((first, stage) => ({
    layers: layers.slice(first, partition[stage + 1] ?? layerCount),
  }));
  const rows = (values: Float32Array, length: number) =>
    Array.from({ length: batch }, (_, sample) =>
      Array.from(values.subarray(sample * length, (sample + 1) * length)),
    );
  const naiveItems = items.map(({ x, labels, targets }) => ({
    x: rows(x, sizes[0]!),
    labels: [...labels],
    targets: targets && rows(targets, outputs),
  }));
  return replay(actions, stages, naiveItems, [...initial], rate, options);
}
