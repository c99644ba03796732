// Threads start from built JavaScript, so this test uses the package as others do.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCompensator } from "@ferret-ocl/compensation";
import { createAlgorithm } from "@ferret-ocl/ocl-algorithms";
import {
  type ClockOptions,
  chooseRuntime,
  createLearner,
  createOptimizer,
  type Learner,
  type LearnerOptions,
  parseModel,
  saveLayersModel,
} from "@ferret-ocl/pipeline";
import { createVirtualLearner, Ledger } from "@ferret-ocl/pipeline/engine";
import { afterEach, describe, expect, it } from "vitest";
import { classes, inputLength, layers, stripes } from "./stripes.js";

const virtual: ClockOptions = { kind: "virtual" };
const threads: ClockOptions = { kind: "threads", count: 2 };
const clocks = [virtual, threads] as const;
const batch = 4;

const open: Learner[] = [];
afterEach(async () => {
  for (const learner of open.splice(0)) await learner.dispose();
});

async function make(options: Partial<LearnerOptions> = {}): Promise<Learner> {
  const learner = await createLearner({
    model: layers,
    inputShape: [inputLength],
    batch,
    arrivalInterval: "1ms",
    timing: "model",
    clock: virtual,
    learningRate: 0.1,
    ...options,
  });
  open.push(learner);
  return learner;
}

/** Samples of several items, one after the other. */
function samples(count: number): { x: Float32Array; y: Int32Array } {
  return stripes(1000, count);
}

async function refusal(work: () => Promise<unknown>): Promise<string> {
  const error = await work().then(
    () => null,
    (thrown: unknown) => thrown as Error & { code?: string },
  );
  expect(error?.code).toBe("FERRET_INPUT");
  return (error as Error).message;
}

describe("createLearner on the virtual clock", () => {
  it("predicts and learns to the bit as the learner that was wired by hand", async () => {
    const learner = await make({ algorithm: "er", algorithmOptions: { replay: 4, capacity: 32 } });
    const { runtime, kernels } = await chooseRuntime();
    const { model, profile, plan, compensation } = learner;
    const ledger = new Ledger(null);
    const shape = { batch, inputLength, classes, parameterCount: model.parameterCount };
    const byHand = createVirtualLearner({
      model,
      profile,
      plan,
      runtime,
      ledger,
      kernels,
      algorithm: createAlgorithm("er", shape, {
        seed: 0,
        replay: 4,
        capacity: 32,
        allocate: (category, bytes) => ledger.allocate(category, bytes),
      }),
      compensator: createCompensator(compensation, {}, kernels),
      optimizer: createOptimizer("sgd", {}, kernels),
      learningRate: 0.1,
      seed: 0,
    });
    const predicted = new Int32Array(batch);
    for (let item = 0; item < 60; item++) {
      const { x, y } = stripes(item, batch);
      const observed = await learner.observe(x, y);
      const right = byHand.observe({ x, labels: y, size: batch }, predicted);
      expect([...observed.labels]).toEqual([...predicted]);
      expect(observed.correct).toBe(right);
    }
    await learner.finish();
    byHand.finish();
    expect(learner.parameters()).toEqual(byHand.parameters());
    const { items, dropped, memory } = learner.metrics();
    expect({ items, dropped }).toEqual({ items: 60, dropped: byHand.metrics().dropped });
    expect(memory.total).toBe(plan.memory.total);
    byHand.dispose();
  });

  it("learns the same whether or not an item was predicted before", async () => {
    const [observing, learning] = [await make(), await make()];
    for (let item = 0; item < 40; item++) {
      const { x, y } = stripes(item, batch);
      const { learned } = await observing.observe(x, y);
      await learning.predict(x);
      expect(await learning.learn(x, y)).toBe(learned);
    }
    await observing.finish();
    await learning.finish();
    expect(learning.parameters()).toEqual(observing.parameters());
  });
});

describe.each(clocks)("createLearner on the clock $kind", (clock) => {
  it("learns a stream: right more often at the end, in the memory that was planned", async () => {
    const learner = await make({
      clock,
      memoryBudget: "2MiB",
      whenBusy: clock === threads ? "wait" : "drop",
      arrivalInterval: "5ms",
    });
    let [early, late] = [0, 0];
    for (let item = 0; item < 200; item++) {
      const { x, y } = stripes(item, batch);
      const { correct } = await learner.observe(x, y);
      if (item < 20) early += correct;
      if (item >= 180) late += correct;
    }
    await learner.finish();
    expect(late).toBeGreaterThan(early + 10);
    expect(late / (20 * batch)).toBeGreaterThan(0.9);
    expect(learner.metrics().dropped).toBe(0);
    expect(learner.memoryBudget).toBe(2 * 2 ** 20);
    expect(learner.metrics().memory.total).toBe(learner.plan.memory.total);
  });

  it("gives the softmax of its logits, alike for one sample, some, or more than a batch", async () => {
    const learner = await make({ clock });
    for (let item = 0; item < 20; item++) {
      const { x, y } = stripes(item, batch);
      await learner.learn(x, y);
    }
    await learner.finish();
    const { x } = samples(11);
    const { label, labels, probabilities } = await learner.predict(x);
    expect(labels).toHaveLength(11);
    expect(probabilities).toHaveLength(11 * classes);
    expect(label).toBe(labels[0]);
    const expected = forward(learner.parameters(), x);
    for (let sample = 0; sample < 11; sample++) {
      const row = probabilities.subarray(sample * classes, (sample + 1) * classes);
      const truth = expected.slice(sample * classes, (sample + 1) * classes);
      truth.forEach((share, index) => {
        expect(row[index]).toBeCloseTo(share, 5);
      });
      expect(labels[sample]).toBe(truth.indexOf(Math.max(...truth)));
      const alone = await learner.predict(
        x.subarray(sample * inputLength, (sample + 1) * inputLength),
      );
      expect([...alone.probabilities]).toEqual([...row]);
      expect(alone.labels).toHaveLength(1);
    }
  });

  it.each(["vanilla", "er", "mir", "lwf", "mas"])(
    "takes items of one sample, of some and of several batches with %s",
    async (algorithm) => {
      const learner = await make({
        clock,
        algorithm,
        whenBusy: clock === threads ? "wait" : "drop",
        arrivalInterval: "50ms",
      });
      let learned = 0;
      for (const [item, count] of [1, 3, 4, 9, 2, 1, 5, 4].entries()) {
        const { x, y } = stripes(item, count);
        learned += await learner.learn(x, y);
        const observed = await learner.observe(x, y);
        learned += observed.learned;
        expect(observed.labels).toHaveLength(count);
      }
      await learner.finish();
      expect(learned).toBe(2 * 29);
      // 9 samples are three items, 5 are two.
      expect(learner.metrics().items).toBe(2 * 11);
      expect(learner.parameters().every(Number.isFinite)).toBe(true);
    },
  );

  it("takes calls that overlap in their order", async () => {
    const learner = await make({
      clock,
      whenBusy: clock === threads ? "wait" : "drop",
      arrivalInterval: "50ms",
    });
    const calls = Array.from({ length: 30 }, (_, item) => {
      const { x, y } = stripes(item, batch);
      return [learner.observe(x, y), learner.predict(x), learner.learn(x, y)] as const;
    }).flat();
    const finished = learner.finish();
    const answers = await Promise.all(calls);
    await finished;
    expect(answers.filter((answer) => answer === batch)).toHaveLength(30);
    expect(learner.metrics().admitted).toBe(60);
  });

  it("takes changes, and the end, in the order of the calls", async () => {
    const learner = await make({ clock });
    const { x, y } = stripes(0, batch);
    const least = learner.replan({ memoryBudget: "min" });
    const both = learner.replan({ arrivalInterval: "2ms" });
    const learned = learner.learn(x, y);
    const refused = refusal(() => learner.replan({ memoryBudget: 64 }));
    const end = learner.finish();
    const late = refusal(async () => end.then(() => learner.replan({ memoryBudget: "none" })));
    await Promise.all([least, both, learned, end]);
    // The second change keeps what the first has left; one that fails changes nothing.
    expect(learner.memoryBudget).toBe(learner.plan.memory.total);
    expect(learner.plan.arrivalInterval).toBe(2);
    expect(await refused).toMatch(/received 64/);
    expect(await late).toMatch(/no replan after finish/);
    expect(await learned).toBe(batch);
  });

  it("goes on under another budget and pace", async () => {
    const learner = await make({
      clock,
      model: "mlp",
      classes,
      compensation: "none",
      arrivalInterval: "20us",
    });
    const { x, y } = stripes(0, batch);
    for (let item = 0; item < 20; item++) await learner.observe(x, y);
    const { total } = learner.plan.memory;
    await learner.replan({ memoryBudget: "min", arrivalInterval: "2ms" });
    expect(learner.plan.memory.total).toBeLessThan(total);
    expect(learner.plan.arrivalInterval).toBe(2);
    expect(await learner.learn(x, y)).toBeGreaterThanOrEqual(0);
    await learner.finish();
    expect(learner.switches()).toHaveLength(1);
    const message = await refusal(() => learner.replan({ memoryBudget: "1MiB" }));
    expect(message).toMatch(/no replan after finish/);
  });

  it("loses nothing by a wrong sample or label, and says what is wrong", async () => {
    const learner = await make({ clock });
    const { x, y } = stripes(0, batch);
    const before = learner.parameters();
    const wrong = Float32Array.from(x);
    wrong[13] = Number.NaN;
    expect(await refusal(() => learner.observe(wrong, y))).toMatch(
      /received NaN as value 1 of sample 1/,
    );
    expect(await refusal(() => learner.learn(x.subarray(1), y))).toMatch(/samples of 12 numbers/);
    expect(await refusal(() => learner.predict([]))).toMatch(/samples of 12 numbers/);
    expect(await refusal(() => learner.predict("abc" as never))).toMatch(
      /an array of numbers for x/,
    );
    expect(await refusal(() => learner.learn(x, [0, 1, 2]))).toMatch(/Expected 4 labels/);
    expect(await refusal(() => learner.learn(x, [0, 1, 3, 0]))).toMatch(/class from 0 to 2/);
    expect(await refusal(() => learner.learn(x, [0, 1, 0.5, 0]))).toMatch(/class from 0 to 2/);
    expect(learner.metrics().items).toBe(0);
    expect(learner.parameters()).toEqual(before);
    expect((await learner.observe(x, y)).labels).toHaveLength(batch);
  });

  it("answers no more once it has been disposed of, twice if need be", async () => {
    const learner = await make({ clock });
    await learner.dispose();
    await learner.dispose();
    expect(await refusal(() => learner.predict(samples(1).x))).toMatch(/no predict after dispose/);
  });

  it("has room for more classes than a sample has values", async () => {
    const wide = [{ class_name: "Dense", config: { units: 9 } }];
    const learner = await make({ clock, model: [layers[0] as never, ...wide], inputShape: [2] });
    const { probabilities } = await learner.observe([1, 2, 3, 4, 5, 6, 7, 8], [8, 0, 1, 2]);
    expect(probabilities).toHaveLength(36);
    await learner.finish();
    expect(learner.metrics().memory.total).toBe(learner.plan.memory.total);
  });
});

/** Softmax of the three dense layers, in double precision. */
function forward(parameters: Float32Array, x: Float32Array): number[] {
  const sizes = [inputLength, 16, 16, classes];
  const results: number[] = [];
  for (let first = 0; first < x.length; first += inputLength) {
    let values = [...x.subarray(first, first + inputLength)];
    let at = 0;
    for (let layer = 0; layer < 3; layer++) {
      const [inputs, units] = [sizes[layer] as number, sizes[layer + 1] as number];
      const kernel = parameters.subarray(at, at + inputs * units);
      const bias = parameters.subarray(at + inputs * units, at + inputs * units + units);
      at += inputs * units + units;
      values = Array.from(bias, (start, unit) => {
        let sum = start;
        values.forEach((value, input) => {
          sum += value * (kernel[input * units + unit] as number);
        });
        return layer < 2 ? Math.max(0, sum) : sum;
      });
    }
    const powers = values.map(Math.exp);
    const total = powers.reduce((sum, power) => sum + power, 0);
    results.push(...powers.map((power) => power / total));
  }
  return results;
}

describe("threads", () => {
  it.each(["loss", "compose", "update", "exit"])(
    "tell calls that wait where the algorithm goes wrong in its %s",
    async (fault) => {
      const module = new URL("../clock/faulty-parts.mjs", import.meta.url).href;
      const learner = await make({
        clock: threads,
        whenBusy: "wait",
        algorithm: { module, export: "createCounted", arguments: [fault] },
      });
      const { x, y } = stripes(0, batch);
      const calls = Array.from({ length: 60 }, () => learner.observe(x, y));
      const ends = await Promise.allSettled(calls);
      const failed = ends.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
      expect(failed.length).toBeGreaterThan(0);
      for (const { reason } of failed)
        expect(String(reason)).toMatch(/out of order|exit code 3|ended with/);
      expect(await refusal(() => learner.predict(x))).toMatch(/after a failure/);
    },
  );

  it("let a call that waits know when they are stopped", async () => {
    const learner = await make({ clock: threads });
    const { x, y } = stripes(0, batch);
    const calls = Array.from({ length: 8 }, () => learner.observe(x, y));
    const ends = Promise.allSettled(calls);
    await learner.dispose();
    for (const end of await ends)
      if (end.status === "rejected") expect(String(end.reason)).toMatch(/after dispose/);
  });
});

describe("what createLearner is given", () => {
  it("is a model in any form", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ferret-learner-"));
    try {
      const sequential = parseModel({
        class_name: "Sequential",
        config: {
          layers: [
            {
              ...layers[0],
              config: { ...layers[0]?.config, batch_input_shape: [null, inputLength] },
            },
            ...layers.slice(1),
          ],
        },
      });
      const json = join(folder, "model.json");
      writeFileSync(json, JSON.stringify(sequential.specification));
      const weights = Float32Array.from({ length: sequential.parameterCount }, (_, at) =>
        Math.sin(at),
      );
      const saved = join(folder, "saved");
      saveLayersModel(saved, sequential, weights);
      const builtIn = await make({ model: "mlp", classes: 7, inputShape: [54] });
      expect(builtIn.model.parameterCount).toBe(54 * 256 + 256 + 256 * 256 + 256 + 256 * 7 + 7);
      for (const model of [sequential, sequential.specification, json, saved]) {
        const learner = await make({ model });
        expect(learner.model.parameterCount).toBe(sequential.parameterCount);
        if (model === saved) expect(learner.parameters()).toEqual(weights);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each<[string, Partial<Record<keyof LearnerOptions | "rate", unknown>>, RegExp]>([
    ["an unknown option", { rate: 1 }, /an option of createLearner but received "rate"/],
    ["an unknown model", { model: "mlq" }, /one of mlp, .*a file or folder/],
    [
      "no shape for a built-in model",
      { model: "mlp", inputShape: undefined, classes: 3 },
      /inputShape/,
    ],
    ["no classes for a built-in model", { model: "mlp" }, /classes/],
    ["other classes", { classes: 4 }, /a model of 4 classes but "model" has 3/],
    ["a budget that is none", { memoryBudget: "40 apples" }, /units are B, kB/],
    ["a budget below the least", { memoryBudget: "1KiB" }, /at least \d+ bytes/],
    ["no interval on the virtual clock", { arrivalInterval: undefined }, /arrivalInterval/],
    ["an interval without a unit", { arrivalInterval: "5" }, /units are ns, us, ms, s/],
    [
      "a clock that is none",
      { clock: { kind: "sundial" } },
      /one of threads, virtual for clock.kind/,
    ],
    [
      "an option of the other clock",
      { clock: { kind: "threads", computeUnits: 2 } },
      /threads clock/,
    ],
    ["too many threads", { clock: { kind: "threads", count: 100_000 } }, /threads/],
    ["waiting on the virtual clock", { whenBusy: "wait" }, /"drop" with the virtual clock/],
    ["an unknown algorithm", { algorithm: "err" }, /vanilla, er, mir, lwf, mas/],
    ["an option that the algorithm lacks", { algorithmOptions: { replay: 4 } }, /replay/],
    ["an unknown compensation", { compensation: "secants" }, /compensation/],
    ["an unknown optimizer", { optimizer: "adams" }, /sgd, momentum, adam/],
    ["a batch that is none", { batch: 0 }, /batch/],
    ["a seed that is none", { seed: 0.5 }, /seed/],
    ["a learning rate that is none", { learningRate: -1 }, /learningRate/],
    [
      "parameters of another model",
      { weights: new Float32Array(3) },
      /numbers for initialParameters/,
    ],
  ])("is refused by name: %s", async (_, options, message) => {
    expect(await refusal(() => make(options as Partial<LearnerOptions>))).toMatch(message);
  });

  it("may be nested arrays, images and plain numbers", async () => {
    const learner = await make();
    const { x, y } = stripes(5, 2);
    const rows = [[...x.subarray(0, inputLength)], [...x.subarray(inputLength)]];
    const flat = await learner.predict(x);
    for (const form of [rows, rows.flat(), rows.map((row) => Float32Array.from(row))])
      expect((await learner.predict(form)).probabilities).toEqual(flat.probabilities);
    expect(await learner.learn(rows, [...y])).toBe(2);
    expect(await learner.learn(rows[0] as number[], y[0] as number)).toBe(1);
  });
});

describe("what went wrong once", () => {
  it("takes onAction of the virtual clock, and refuses one that is no function", async () => {
    const kinds = new Set<string>();
    const learner = await make({
      clock: { kind: "virtual", onAction: ({ kind }) => kinds.add(kind) },
    });
    const { x, y } = stripes(0, batch);
    for (let item = 0; item < 5; item++) await learner.learn(x, y);
    await learner.finish();
    expect([...kinds].sort()).toEqual(["B", "F", "U"]);
    const wrong = { kind: "virtual", onAction: 5 } as never;
    expect(await refusal(() => make({ clock: wrong }))).toMatch(/clock\.onAction/);
  });

  it("tells learn, which waits for nothing, that a thread has failed", async () => {
    const module = new URL("../clock/faulty-parts.mjs", import.meta.url).href;
    const learner = await make({
      clock: threads,
      algorithm: { module, export: "createCounted", arguments: ["loss"] },
    });
    const { x, y } = stripes(0, batch);
    const failure = async (work: () => Promise<unknown>) => String(await work().catch(String));
    const message = await failure(async () => {
      for (;;) {
        await learner.learn(x, y);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    });
    expect(message).toMatch(/failed/);
    expect(await failure(() => learner.replan({}))).toMatch(/failed|ended with/);
  }, 20_000);

  it.each(clocks)("copies what it is handed: the caller may go on with it (%s)", async (clock) => {
    const learner = await make({ clock });
    const own = new Float32Array(inputLength);
    const calls = [0, 1, 2, 3].map((value) => {
      own.fill(value);
      return learner.predict(own);
    });
    const together = await Promise.all(calls);
    for (const [value, { probabilities }] of together.entries()) {
      own.fill(value);
      expect((await learner.predict(own)).probabilities).toEqual(probabilities);
    }
    expect(together[3]?.probabilities).not.toEqual(together[0]?.probabilities);
    const { x, y } = stripes(0, batch);
    const learned = learner.learn(x, y);
    x.fill(Number.NaN);
    y.fill(99);
    await learned;
    await learner.finish();
    expect(learner.metrics().refusedUpdates.every((count) => count === 0)).toBe(true);
  });

  it.each(clocks)("learns nothing behind a finish that nobody waited for (%s)", async (clock) => {
    const learner = await make({ clock });
    const { x, y } = stripes(0, batch);
    await learner.observe(x, y);
    const finished = learner.finish();
    expect(await refusal(() => learner.learn(x, y))).toMatch(/no learn after finish/);
    await finished;
    expect(learner.metrics().items).toBe(1);
  });

  it.each(clocks)(
    "counts a plan from elsewhere as its own, and keeps its budget (%s)",
    async (clock) => {
      const free = await make({
        model: "mlp",
        classes,
        arrivalInterval: "20us",
        compensation: "none",
      });
      const learner = await make({
        clock,
        model: "mlp",
        classes,
        compensation: "none",
        memoryBudget: "8MiB",
        optimizer: "adam",
      });
      const { plan } = free;
      await learner.replan({ plan, memoryBudget: "none", arrivalInterval: "2ms" });
      expect(learner.plan.partition).toEqual(plan.partition);
      expect(learner.plan.arrivalInterval).toBe(2);
      const { x, y } = stripes(0, batch);
      for (let item = 0; item < 5; item++) await learner.observe(x, y);
      await learner.finish();
      expect(learner.metrics().memory.total).toBeGreaterThanOrEqual(learner.plan.memory.total);
      const small = await make({ clock, model: "mlp", classes, memoryBudget: "min" });
      const memoryBudget = small.plan.memory.total;
      expect(await refusal(() => small.replan({ plan, memoryBudget }))).toMatch(
        /at least \d+ bytes/,
      );
      expect(await small.learn(x, y)).toBeGreaterThanOrEqual(0);
    },
  );

  it("takes times alone from a profile, and refuses one of other items or layers", async () => {
    const { profile } = await make();
    const learner = await make({ timing: { ...profile, inputBytes: 1, labelBytes: 1 } });
    const { x, y } = stripes(0, batch);
    await learner.observe(x, y);
    await learner.finish();
    expect(learner.metrics().memory.total).toBe(learner.plan.memory.total);
    expect(await refusal(() => make({ timing: profile, batch: 8 }))).toMatch(/timing\.batch/);
    const replayed = { timing: profile, algorithm: "er", algorithmOptions: { replay: 4 } };
    expect(await refusal(() => make(replayed))).toMatch(/timing\.learnBatch/);
    expect(await refusal(() => make({ timing: profile, model: "mlp", classes }))).toMatch(
      /timing\.layers/,
    );
  });

  it("ends a search for a plan when it is disposed of, and begins none of those that wait", async () => {
    const learner = await make({ clock: threads, model: "mlp", classes });
    const changes = Array.from({ length: 5 }, (_, index) =>
      refusal(() => learner.replan({ arrivalInterval: `${index + 1}ms` })),
    );
    await learner.dispose();
    for (const change of changes) expect(await change).toMatch(/after dispose/);
    expect(learner.switches()).toEqual([]);
  });

  it("counts items smaller than a batch as what they are", async () => {
    for (const clock of [virtual, threads]) {
      const learner = await createLearner({
        model: [{ class_name: "Dense", config: { units: 1 } }],
        inputShape: [2],
        loss: "meanSquaredError",
        outputs: 1,
        clock,
        arrivalInterval: "1ms",
        onWarning: () => {},
      });
      let absolute = 0;
      let count = 0;
      for (const size of [16, 1, 3, 1, 16, 2, 1]) {
        const x = Array.from({ length: size }, (_, at) => [Math.sin(at + size), Math.cos(3 * at)]);
        const y = x.map(([a = 0, b = 0]) => a - 2 * b);
        const { values } = await learner.observe(x, y);
        y.forEach((target, at) => {
          absolute += Math.abs(target - (values[at] as number));
        });
        count += size;
      }
      await learner.finish();
      const { samples, mae } = learner.metrics().regression;
      expect(samples).toBe(count);
      expect(mae).toBeCloseTo(absolute / count, 5);
      await learner.dispose();
    }
  });

  it("warns once where most of what comes is dropped although none was expected", async () => {
    const told: string[] = [];
    const hasty = await make({
      clock: threads,
      arrivalInterval: "1s",
      onWarning: (text) => told.push(text),
    });
    for (const { x, y } of [stripes(0, 1600), stripes(1, 1600)]) await hasty.learn(x, y);
    expect(told).toEqual([
      expect.stringMatching(/^\d+ of the first \d+ samples .* expected 0 %: .* whenBusy: "wait"$/),
    ]);
    await hasty.dispose();
    const patient = await make({
      clock: threads,
      whenBusy: "wait",
      onWarning: (text) => told.push(text),
    });
    const { x, y } = stripes(0, 1600);
    expect(await patient.learn(x, y)).toBe(1600);
    expect(told).toHaveLength(1);
  });

  it("lets predictions pass between the items of a call that learns many", async () => {
    const learner = await make({ clock: threads, whenBusy: "wait" });
    const { x, y } = stripes(0, 2000);
    let isLearned = false;
    const learned = learner.learn(x, y).then(() => {
      isLearned = true;
    });
    await learner.predict(samples(1).x);
    expect(isLearned).toBe(false);
    await learned;
  });

  it.each<[string, Partial<Record<keyof LearnerOptions, unknown>>, RegExp]>([
    ["a billion compute units", { clock: { kind: "virtual", computeUnits: 1e9 } }, /at most 65536/],
    [
      "one logit",
      { model: [layers[0], { class_name: "Dense", config: { units: 1 } }] },
      /two classes/,
    ],
    ["no model", { model: undefined }, /a model, by name or as layers/],
  ])("refuses %s in a sentence", async (_, options, message) => {
    expect(await refusal(() => make(options as Partial<LearnerOptions>))).toMatch(message);
  });

  it("takes labels as bytes, refuses what is no number", async () => {
    const learner = await make();
    const { x, y } = stripes(0, batch);
    expect(await learner.learn(x, Uint8Array.from(y))).toBe(batch);
    const one = x.subarray(0, inputLength);
    expect(await refusal(() => learner.learn(one, ["0"] as never))).toMatch(/of type string/);
    expect(await refusal(() => learner.predict(new BigInt64Array(inputLength) as never))).toMatch(
      /an array of numbers/,
    );
  });

  it("goes on where onWarning throws", async () => {
    const learner = await make({
      learningRate: 1e30,
      onWarning() {
        throw new Error("not now");
      },
    });
    for (let item = 0; item < 20; item++) {
      const { x, y } = stripes(item, batch);
      await learner.observe(x, y);
    }
    expect(learner.metrics().items).toBe(20);
  });
});
