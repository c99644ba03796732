import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import type { Plan, WorkerConfiguration } from "@ferret-ocl/planner";
import { beforeAll, describe, expect, it } from "vitest";
import { loadDataset } from "../src/datasets/registry.js";
import { loadMachinery, type Machinery } from "../src/machinery.js";
import { prepareModel } from "../src/prepare.js";
import type { Options, RunSetting } from "../src/setting.js";
import { createStream } from "../src/streams/registry.js";
import { assemble } from "../src/wire.js";
import { workplace } from "./datasets-encode.js";
import { shortRun } from "./runs.js";
import { setting } from "./samples.js";

const { write } = workplace();
const layer = (class_name: string, config: object = {}) => ({ class_name, config });
const dense = (units: number, config: object = {}) => layer("Dense", { units, ...config });
const inputShape = { batch_input_shape: [null, 28, 28, 1] };
const models = Object.entries({
  perceptron: [
    layer("Flatten", inputShape),
    dense(24, { activation: "relu" }),
    dense(32, { activation: "relu6" }),
    dense(10),
  ],
  // Kernels with working space, statistics that are no weights, layers without parameters.
  convolution: [
    layer("Conv2D", { filters: 4, kernel_size: 3, strides: 2, ...inputShape }),
    layer("BatchNormalization"),
    layer("Activation", { activation: "relu" }),
    layer("MaxPooling2D", { pool_size: 2 }),
    layer("Flatten"),
    dense(24, { activation: "relu" }),
    dense(10),
  ],
}).map(([name, layers]) => ({
  name,
  model: write(`${name}.json`, JSON.stringify(layer("Sequential", { name, layers }))),
}));

let machinery: Machinery;
beforeAll(async () => {
  machinery = await loadMachinery();
});

/** What was planned for some items of a stream, and what they took. */
async function hold(change: Partial<RunSetting>) {
  const asked = setting({ items: 20, ...change });
  const dataset = await loadDataset(asked.dataset, asked);
  const { train } = dataset;
  const stream = createStream(dataset, asked);
  const { model } = prepareModel(asked.model, train);
  const { learner, planned, plan, budget } = await assemble({
    setting: asked,
    model,
    initialParameters: undefined,
    machinery,
    pixels: train.pixels,
    onPrediction: () => {},
    tracedItems: 0,
  });
  const item = {
    x: new Float32Array(asked.batch * stream.inputLength),
    labels: new Int32Array(asked.batch),
    size: asked.batch,
  };
  for (let index = 0; index < stream.itemCount; index++) {
    stream.readItem(index, item.x, item.labels);
    await learner.observe(item);
  }
  await learner.finish();
  const { memory, admitted } = learner.metrics();
  learner.dispose();
  return { planned, memory, budget, admitted, plan: plan as Plan };
}

/** Predicted = measured, by category and within the budget. */
function expectAsPlanned({ planned, memory, budget }: Awaited<ReturnType<typeof hold>>): void {
  expect(memory.total).toBeLessThanOrEqual(budget ?? Number.POSITIVE_INFINITY);
  if (machinery.runtime.name === "native") expect(memory).toEqual(planned);
  else expect(memory.total).toBeLessThanOrEqual(planned.total);
}

/** The workers of a plan with one technique forced on, or all of them. */
const techniques: Readonly<Record<string, (plan: Plan) => WorkerConfiguration[]>> = {
  "no technique": ({ workers }) => [...workers],
  "T1, recomputation": ({ workers }) => workers.map((each) => ({ ...each, recompute: true })),
  "T2, accumulation": ({ workers }) => workers.map((each) => ({ ...each, ...accumulating(each) })),
  "T3, omission": ({ workers }) => workers.map((each) => ({ ...each, ...omitting(each) })),
  "T4, a worker less": ({ workers }) => workers.slice(0, Math.max(1, workers.length - 1)),
  "all of them, each on a worker of its own": ({ workers }) => [
    { ...(workers[0] as WorkerConfiguration), recompute: true },
    { ...(workers[0] as WorkerConfiguration), ...accumulating(workers[0] as WorkerConfiguration) },
    { ...(workers[0] as WorkerConfiguration), ...omitting(workers[0] as WorkerConfiguration) },
  ],
};

function accumulating({ omit }: WorkerConfiguration) {
  return { accumulate: omit.map((_, stage) => (stage < omit.length - 1 ? 2 + stage : 1)) };
}

function omitting({ omit }: WorkerConfiguration) {
  return { omit: omit.map((_, stage) => omit.length - 1 - stage) };
}

const optionsOf: Readonly<Record<string, Options>> = {
  er: { replay: 3 },
  mir: { replay: 3, candidates: 6 },
};
const matrix = models.flatMap((model) =>
  [1, 16].flatMap((batch) =>
    algorithmNames.map((algorithm) => ({
      ...model,
      batch,
      algorithm,
      algorithmOptions: optionsOf[algorithm] ?? {},
    })),
  ),
);

describe("what a run holds is what was planned, by category", () => {
  it.each(matrix)("$name, items of $batch, $algorithm: least budget to none", async (cell) => {
    const at = (memoryBudget: RunSetting["memoryBudget"]) => hold({ ...cell, memoryBudget });
    const unlimited = await at("none");
    const least = await at("min");
    for (const held of [unlimited, least]) expectAsPlanned(held);
    const room = unlimited.planned.total - least.planned.total;
    for (const share of [0.1, 0.4, 0.7])
      expectAsPlanned(await at(Math.ceil(least.planned.total + share * room)));
  });

  it.each(matrix)("$name, items of $batch, $algorithm: techniques forced on", async (cell) => {
    const { plan } = await hold({ ...cell, items: 1 });
    for (const [name, force] of Object.entries(techniques)) {
      const workers = force(plan);
      const { partition } = plan;
      // The budget is what these workers need: a byte more would be refused.
      const held = await hold({ ...cell, given: { partition, workers }, memoryBudget: "min" });
      expect(held.plan.workers, name).toEqual(workers);
      expect(held.budget).toBe(held.planned.total);
      expectAsPlanned(held);
    }
  });

  it.each(Object.keys(techniques))("on threads, with %s", async (name) => {
    const { plan } = await hold({ ...models[0], items: 1 });
    const { partition } = plan;
    const workers = (techniques[name] as (plan: Plan) => WorkerConfiguration[])(plan);
    const held = await hold({
      ...models[0],
      engine: "threads",
      threads: 2,
      arrival: "max",
      algorithm: "er",
      compensation: "iter-fisher",
      given: { partition, workers },
      memoryBudget: "min",
    });
    expectAsPlanned(held);
    expect(held.admitted).toBe(20);
  });

  it.each(
    ["momentum", "adam"].flatMap((optimizer) =>
      (["ferret", "oracle", "1-skip", "dapple"] as const).map((method) => ({ optimizer, method })),
    ),
  )("$method with $optimizer: what that keeps is planned", async ({ optimizer, method }) => {
    for (const { model } of models) {
      const settings = { model, method, optimizer, learningRate: 0.01 };
      const held = await hold(settings);
      expectAsPlanned(held);
      const { optimiser, parameters } = held.planned.byCategory;
      const vectors = optimizer === "adam" ? 2 : 1;
      expect(optimiser).toBeGreaterThanOrEqual(vectors * (parameters - 64));
      const { optimiser: none } = (await hold({ ...settings, optimizer: "sgd" })).planned
        .byCategory;
      expect(none).toBe(0);
      if (method !== "ferret") continue;
      expectAsPlanned(await hold({ ...settings, memoryBudget: "min" }));
      expectAsPlanned(
        await hold({
          ...settings,
          engine: "threads",
          threads: 2,
          arrival: "max",
          algorithm: "er",
        }),
      );
    }
  });

  it("says what sharing versions saves against Eq. 4, which gives every worker its own", async () => {
    const { memory, plan } = await shortRun(setting({ ...models[0], items: 100 }), machinery);
    expect(plan?.workerCount).toBeGreaterThan(1);
    expect(memory.savedBySharing).toBeGreaterThan(0);
    expect(memory.savedBySharing).toBeLessThan(memory.paper as number);
    expect(memory.plannedByCategory).toEqual(memory.byCategory);
  });
});
