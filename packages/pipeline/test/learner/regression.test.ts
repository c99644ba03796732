// Threads start from built JavaScript, so this test uses the package as others do.

import { fileURLToPath } from "node:url";
import {
  type ClockOptions,
  createLearner,
  parseModel,
  type Regressor,
  type RegressorOptions,
} from "@ferret-ocl/pipeline";
import { afterEach, describe, expect, it } from "vitest";

const virtual: ClockOptions = { kind: "virtual" };
const threads: ClockOptions = { kind: "threads", count: 2 };
const clocks = [virtual, threads] as const;
const [inputLength, outputs, batch] = [4, 2, 8];

const dense = (units: number, activation = "linear") => ({
  class_name: "Dense",
  config: { units, activation },
});
const layers = [dense(12, "relu"), dense(outputs)];

const open: Regressor[] = [];
afterEach(async () => {
  for (const learner of open.splice(0)) await learner.dispose();
});

async function make(options: Partial<RegressorOptions> = {}): Promise<Regressor> {
  const learner = await createLearner({
    model: layers,
    loss: "meanSquaredError",
    inputShape: [inputLength],
    batch,
    arrivalInterval: "1ms",
    timing: "model",
    clock: virtual,
    learningRate: 0.05,
    ...(options.clock === threads && { whenBusy: "wait" }),
    ...options,
  });
  open.push(learner);
  return learner;
}

/** Numbers from -1 to below 1 that look random, by a linear congruence. */
function draws(seed: number): () => number {
  let state = (seed * 7919 + 1) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Two linear functions of four inputs, and noise. */
function samples(seed: number, count: number): { x: Float32Array; y: number[][] } {
  const draw = draws(seed);
  const x = Float32Array.from({ length: count * inputLength }, draw);
  const y = Array.from({ length: count }, (_, sample) => {
    const [a, b, c, d] = x.subarray(sample * inputLength) as unknown as number[];
    return [a! - 2 * b! + 0.5 + 0.3 * draw(), c! + d! - 1 + 0.3 * draw()];
  });
  return { x, y };
}

async function refusal(work: () => Promise<unknown>): Promise<string> {
  const error = await work().then(
    () => null,
    (thrown: unknown) => thrown as Error & { code?: string },
  );
  expect(error?.code).toBe("FERRET_INPUT");
  expect(error?.message).toMatch(/^Expected [^\n]+[^.]$/);
  return (error as Error).message;
}

/** Solves A w = b by elimination; A is positive definite. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, at) => [...row, right[at]!]);
  rows.forEach((pivot, column) => {
    for (const [at, row] of rows.entries()) {
      if (at === column) continue;
      const factor = row[column]! / pivot[column]!;
      row.forEach((_, index) => {
        row[index]! -= factor * pivot[index]!;
      });
    }
  });
  return rows.map((row, at) => row.at(-1)! / row[at]!);
}

/** The mean squared error of linear least squares, by the normal equations in double precision. */
function leastSquares({ x, y }: ReturnType<typeof samples>): number {
  const rows = y.map((_, at) => [...x.subarray(at * inputLength, (at + 1) * inputLength), 1]);
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, at) => sum + value * b[at]!, 0);
  const columns = rows[0]!.map((_, column) => rows.map((row) => row[column]!));
  const gram = columns.map((one) => columns.map((other) => dot(one, other)));
  let total = 0;
  for (let output = 0; output < outputs; output++) {
    const targets = y.map((row) => row[output]!);
    const weights = solve(
      gram,
      columns.map((column) => dot(column, targets)),
    );
    rows.forEach((row, at) => {
      total += (dot(row, weights) - targets[at]!) ** 2;
    });
  }
  return total / (y.length * outputs);
}

describe.each(clocks)("a regressor on the clock $kind", (clock) => {
  it("reaches the error of least squares, and counts what it predicted on the way", async () => {
    const learner = await make({
      clock,
      model: [dense(outputs)],
      batch: 32,
      learningRate: 0.2,
      memoryBudget: "1MiB",
    });
    const data = samples(3, 32);
    const seen: Float32Array[] = [];
    for (let item = 0; item < 250; item++)
      seen.push((await learner.observe(data.x, data.y)).values);
    await learner.finish();
    const { values } = await learner.predict(data.x);
    const errorsOf = (predicted: Float32Array) =>
      Array.from(predicted, (value, at) => value - Math.fround(data.y.flat()[at]!));
    const meanSquare = (errors: number[]) =>
      errors.reduce((sum, error) => sum + error * error, 0) / errors.length;
    const least = leastSquares(data);
    expect(least).toBeGreaterThan(0.01);
    expect(meanSquare(errorsOf(values))).toBeGreaterThan(least * (1 - 1e-5));
    expect(meanSquare(errorsOf(values))).toBeLessThan(least * (1 + 1e-5));
    const { regression, memory, dropped } = learner.metrics();
    const errors = seen.flatMap(errorsOf);
    expect(regression.samples).toBe(250 * 32);
    const mae = errors.reduce((sum, error) => sum + Math.abs(error), 0) / errors.length;
    expect(regression.mae).toBeCloseTo(mae, 6);
    const squares = regression.outputs.reduce((sum, { rmse }) => sum + rmse * rmse, 0);
    expect(squares / outputs).toBeCloseTo(meanSquare(errors), 6);
    expect(regression.r2).toBeGreaterThan(0.9);
    expect(dropped).toBe(0);
    expect(memory.total).toBe(learner.plan.memory.total);
  });

  it("predicts alike one sample, some, or more than a batch, and copies what it is handed", async () => {
    const learner = await make({ clock });
    const { x, y } = samples(1, 19);
    await learner.learn(x, y);
    await learner.finish();
    const { value, values } = await learner.predict(x);
    expect(values).toHaveLength(19 * outputs);
    expect(value).toBe(values[0]);
    for (const sample of [0, 7, 8, 18]) {
      const one = await learner.predict([
        ...x.subarray(sample * inputLength, (sample + 1) * inputLength),
      ]);
      expect(one.values).toEqual(values.slice(sample * outputs, (sample + 1) * outputs));
    }
  });

  it("refuses wrong targets in a sentence, and learns nothing of them", async () => {
    const learner = await make({ clock });
    const { x, y } = samples(2, 3);
    const before = learner.parameters();
    const wrong: [unknown, string][] = [
      [[...y.slice(0, 2), [1, Number.NaN]], "finite number below 3.4e38 for target 1 of sample 2"],
      [[...y.slice(0, 2), [1e39, 0]], "but received 1e+39"],
      [y.slice(0, 2), "Expected 3 x 2 targets for y, 2 a sample, but received 2"],
      [y.flat().slice(1), "but received 5"],
      [[...y.slice(0, 2), [1]], "2 numbers, one an output, for the target of sample 2"],
      [7, "but received 1"],
      ["7", "a number, or an array of them, for y"],
      [[...y.slice(0, 2), 3], "for the target of sample 2 but received 3"],
      [[...y.flat().slice(1), "3"], "a number for target 1 of sample 2"],
      [undefined, "for y but received undefined"],
    ];
    for (const [targets, message] of wrong) {
      for (const call of ["learn", "observe"] as const)
        expect(await refusal(() => learner[call](x, targets as never))).toContain(
          message.replace("them, for", "them for"),
        );
    }
    await learner.finish();
    expect(learner.parameters()).toEqual(before);
    expect(learner.metrics()).toMatchObject({ items: 0, regression: { samples: 0 } });
  });

  it.each(["vanilla", "er", "mir", "lwf", "mas"])(
    "learns by %s in the memory that was planned, over a change of plans",
    async (algorithm) => {
      const learner = await make({ clock, algorithm, memoryBudget: "4MiB" });
      const observe = async (from: number, to: number) => {
        for (let item = from; item < to; item++) {
          const { x, y } = samples(item, batch);
          await learner.observe(x, y);
        }
      };
      await observe(0, 60);
      const first = learner.metrics().regression.rmse;
      await learner.replan({ memoryBudget: "3MiB" });
      // Labels that come late.
      for (let item = 60; item < 120; item++) {
        const late = samples(item - 3, batch);
        await learner.predict(samples(item, batch).x);
        await learner.learn(late.x, late.y);
      }
      await observe(120, 150);
      await learner.finish();
      const { regression, memory } = learner.metrics();
      expect(regression.samples).toBe(90 * batch);
      expect(regression.rmse).toBeLessThan(first);
      expect(memory.total).toBe(learner.plan.memory.total);
      expect(memory.total).toBeLessThanOrEqual(3 * 2 ** 20);
    },
  );

  it("answers where its values run out of range, and says so", async () => {
    const told: string[] = [];
    const weights = new Float32Array(parseModel(withInput(layers)).parameterCount).fill(3e25);
    const learner = await make({ clock, weights, onWarning: (message) => told.push(message) });
    for (let item = 0; item < 130; item++) {
      const { x, y } = samples(item, batch);
      const { values } = await learner.observe(x.map(Math.abs), y);
      expect(values.some(Number.isFinite)).toBe(false);
    }
    await learner.finish();
    expect(learner.metrics().regression.rmse).toBe(Number.POSITIVE_INFINITY);
    expect(learner.metrics().collapse).toMatchObject({ class: null, window: 125 });
    expect(told.join("\n")).toMatch(
      /had values that are not finite; .* or scale inputs and targets$/m,
    );
  });
});

describe.each(clocks)("a regressor whose rectifiers have died, on the clock $kind", (clock) => {
  it("is told of: its values know nothing of the inputs, whatever the targets", async () => {
    const told: string[] = [];
    // Kernels of 0, biases of -1 in front of the rectifiers.
    const weights = new Float32Array(parseModel(withInput(layers)).parameterCount);
    weights.fill(-1, inputLength * 12, inputLength * 12 + 12);
    const learner = await make({ clock, weights, onWarning: (message) => told.push(message) });
    for (let item = 0; item < 130; item++) {
      const { x, y } = samples(item, batch);
      await learner.observe(x, y);
    }
    await learner.finish();
    const { collapse, regression } = learner.metrics();
    expect(collapse).toEqual({ item: 124, window: 125, class: null, isConstant: true });
    expect(regression.r2).toBeLessThan(0);
    expect(told).toEqual([
      "The learner has collapsed: all samples of each of the 125 items up to item 124 were predicted " +
        "as one value, whatever the targets; use a lower learning rate or scale inputs and targets",
    ]);
  });
});

/** Layers as a specification that tells the shape of a sample. */
function withInput(entries: readonly object[]) {
  const input = {
    class_name: "InputLayer",
    config: { batch_input_shape: [null, inputLength] },
  };
  return { class_name: "Sequential" as const, config: { layers: [input, ...entries] } };
}

describe("createLearner for regression", () => {
  const derPlusPlus = fileURLToPath(
    new URL("../../../../examples/der-plus-plus.mjs", import.meta.url),
  );
  it.each<[string, object, RegExp]>([
    ["classes", { classes: 2 }, /^Expected nothing with the loss "meanSquaredError" for classes/],
    ["both", { classes: 2, outputs: 2 }, /^Expected classes or outputs but received both, 2 and 2/],
    ["outputs without the loss", { loss: undefined, outputs: 2 }, /for outputs but received 2/],
    ["an unknown loss", { loss: "mse" }, /^Expected one of sparseCategoricalCrossentropy, meanS/],
    ["other outputs", { outputs: 3 }, /^Expected a model of 3 outputs but "model" has 2/],
    ["a built-in model without outputs", { model: "mlp" }, /least 1 for outputs/],
    ["softmax", { model: [dense(outputs, "softmax")] }, /^Expected a last layer without softmax/],
    [
      "softmax of a parsed model",
      { model: parseModel(withInput([dense(outputs, "softmax")])), inputShape: undefined },
      /^Expected a last layer without softmax/,
    ],
    [
      "a model that was parsed for it, without the loss",
      {
        model: parseModel(withInput(layers), { loss: "meanSquaredError" }),
        loss: undefined,
      },
      /^Expected "meanSquaredError", which the model was parsed for, for loss/,
    ],
    [
      "an algorithm of classes",
      { algorithm: `${derPlusPlus}#createDerPlusPlus` },
      /learns targets with loss "meanSquaredError" but der\+\+ learns classes/,
    ],
    [
      "a buffer that balances classes",
      { algorithm: "er", algorithmOptions: { buffer: "balanced" } },
      /^Expected reservoir or ring for buffer/,
    ],
    [
      "a temperature",
      { algorithm: "lwf", algorithmOptions: { temperature: 2 } },
      /^Expected no temperature/,
    ],
  ])("refuses %s in a sentence", async (_, options, message) => {
    expect(await refusal(() => make(options))).toMatch(message);
  });

  it("takes targets in any form, which is learned alike", async () => {
    const { x, y } = samples(2, batch);
    const forms = [
      y,
      y.flat(),
      Float32Array.from(y.flat()),
      y.map((row) => Float64Array.from(row)),
    ];
    const learned: Float32Array[] = [];
    for (const form of forms) {
      const learner = await make();
      const handed = structuredClone(form);
      const call = learner.learn(x, handed);
      if (handed instanceof Float32Array) handed.fill(7);
      expect(await call).toBe(batch);
      await learner.finish();
      learned.push(learner.parameters());
    }
    for (const parameters of learned) expect(parameters).toEqual(learned[0]);
    const learner = await make({ model: [dense(1)] });
    const one = await learner.observe([1, 0, 0, 0], 2.5);
    expect(one.meanSquaredError).toBeCloseTo((one.value - 2.5) ** 2, 4);
    expect(one.learned).toBe(1);
    expect(
      await learner.learn(
        x,
        y.map(([first]) => first!),
      ),
    ).toBe(batch);
  });

  it("takes a model that was parsed, a built-in one, and other last activations", async () => {
    const parsed = await make({ model: parseModel(withInput(layers)) });
    expect(parsed.model.loss).toBe("meanSquaredError");
    const builtIn = await make({ model: "mlp", outputs: 1 });
    expect((await builtIn.predict([1, 2, 3, 4])).values).toHaveLength(1);
    const bounded = await make({ model: [dense(outputs, "tanh")] });
    const { x, y } = samples(0, batch);
    for (let item = 0; item < 20; item++) await bounded.learn(x, y);
    const { values } = await bounded.predict(x);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(1);
  });
});
