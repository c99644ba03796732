// What the tests of classification hold of Ferret's own course and of courses of one stage, in
// regression.
import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import { algorithmNames, createAlgorithm } from "@ferret-ocl/ocl-algorithms";
import { noOverheads } from "@ferret-ocl/planner";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Admission,
  type Batch,
  type ChoiceRule,
  coresetChoice,
  createOneStageLearner,
  createScheduledLearner,
  type LearningAlgorithm,
  Ledger,
  loadTfjsRuntime,
  newest,
  predictOneStageMemory,
} from "../../src/engine.js";
import {
  optimizerNames,
  orderNames,
  parseModel,
  planSchedule,
  profileModel,
  type Runtime,
} from "../../src/index.js";
import { run, setups } from "../clock/virtual-run.js";
import {
  batch,
  drawItems,
  regressionModel as perceptron,
  replayPerceptron,
  runtime,
  withTargets,
} from "../perceptron.js";

describe("the virtual engine in regression", () => {
  it("trains as a naive trainer does that follows its trace and keeps every version", () => {
    fc.assert(
      fc.property(setups, fc.constantFrom(...optimizerNames), (setup, optimizer) => {
        const result = run({ ...setup, optimizer, regression: "vanilla" });
        const { actions, items, initial, parameters } = result;
        const naive = replayPerceptron(actions, setup.partition, items, initial, {
          optimizer,
          drainsFrom: result.drainsFrom,
        });
        // Late descent on squared errors may run away, from itself as from its rounding errors.
        const most = Math.max(...naive.parameters.map(Math.abs));
        fc.pre(most < 20);
        naive.parameters.forEach((value, index) => {
          expect(Math.abs(value - parameters[index]!)).toBeLessThan(1e-3);
        });
      }),
      { numRuns: 30 },
    );
  });

  it("takes the memory that was predicted, to the byte, whatever learns", () => {
    const compensations = fc.constantFrom("none", "iter-fisher", "secant");
    fc.assert(
      fc.property(
        setups,
        compensations,
        fc.constantFrom(...algorithmNames),
        (setup, compensation, regression) => {
          const { memory, metrics } = run({ ...setup, compensation, regression });
          expect(metrics.memory).toEqual(memory);
          expect(metrics.regression?.samples).toBe(40 * batch);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("the compared schedules in regression", () => {
  it.each(orderNames)("%s takes the memory that was predicted, to the byte, and learns", (name) => {
    const profile = profileModel({ model: perceptron, runtime, batch, timing: "model" });
    const plan = planSchedule(profile, name, 2);
    const { parameterCount } = perceptron;
    const learner = createScheduledLearner({
      model: perceptron,
      profile,
      plan,
      runtime,
      ledger: new Ledger(plan.memory.total),
      algorithm: createAlgorithm(
        "vanilla",
        { batch, inputLength: 5, classes: 3, parameterCount, loss: "meanSquaredError" },
        { seed: 0 },
      ),
      compensator: createCompensator("none", {}, referenceKernels),
      kernels: referenceKernels,
      learningRate: 0.05,
      seed: 1,
      arrivalInterval: profile.sequentialTime,
    });
    const items = withTargets(drawItems(300, 5));
    const errors = items.map((item) => learner.observe(item));
    learner.finish();
    expect(learner.metrics().memory).toEqual(plan.memory);
    const mean = (part: number[]) => part.reduce((sum, error) => sum + error, 0) / part.length;
    expect(mean(errors.slice(-100))).toBeLessThan(0.95 * mean(errors.slice(0, 100)));
    learner.dispose();
  });
});

const [inputLength, outputs, samples] = [5, 3, 4];
const dense = (units: number, activation: string) => ({
  class_name: "Dense",
  config: { units, activation },
});
const model = parseModel(
  {
    class_name: "Sequential",
    config: {
      layers: [
        { class_name: "InputLayer", config: { batch_input_shape: [null, inputLength] } },
        dense(8, "tanh"),
        dense(outputs, "sigmoid"),
      ],
    },
  },
  { loss: "meanSquaredError" },
);

const vanilla = (size: number) =>
  createAlgorithm(
    "vanilla",
    {
      batch: size,
      inputLength,
      classes: outputs,
      parameterCount: model.parameterCount,
      loss: "meanSquaredError",
    },
    { seed: 0 },
  );

function learnerOf(
  admission: Admission,
  on: Runtime = runtime,
  change: Partial<LearningAlgorithm> = {},
) {
  const algorithm = { ...vanilla(samples), ...change };
  const profile = profileModel({
    model,
    runtime: on,
    batch: samples,
    learnBatch: algorithm.learnBatch,
    timing: "model",
  });
  const memory = predictOneStageMemory({
    model,
    profile,
    admission,
    algorithm,
    overheads: noOverheads,
  });
  const learner = createOneStageLearner({
    model,
    profile,
    runtime: on,
    kernels: referenceKernels,
    ledger: new Ledger(memory.total),
    algorithm,
    admission,
    learnTimes: [{ forward: 1, both: 3 }],
    compensator: createCompensator("none", {}, referenceKernels),
    learningRate: 0.5,
    seed: 3,
    arrivalInterval: 1,
  });
  return { learner, memory };
}

const stream = (count: number) => {
  const items = drawItems(2 * count, 21);
  const values = withTargets(items);
  return Array.from({ length: count }, (_, k): Batch => {
    const [one, other] = [values[2 * k]!, values[2 * k + 1]!];
    return {
      x: Float32Array.of(...one.x, ...other.x),
      labels: new Int32Array(0),
      targets: Float32Array.of(...one.targets, ...other.targets),
      size: samples,
    };
  });
};

/** Plain descent on each item in turn, pass by pass on the runtime, and what it predicted before. */
function trainAlone(items: readonly Batch[], initial: Float32Array, on: Runtime) {
  const program = on.compile(model.layers, samples, "learn");
  const predicting = on.compile(model.layers, samples, "predict");
  const scratch = new Uint8Array(Math.max(program.scratchBytes, predicting.scratchBytes));
  const saved = new Uint8Array(program.savedBytes);
  const [parameters, gradient] = [initial.slice(), new Float32Array(initial.length)];
  const length = samples * outputs;
  const predicted = items.map(({ x, targets }) => {
    const [before, values] = [new Float32Array(length), new Float32Array(length)];
    predicting.forward(parameters, x, null, before, scratch);
    program.forward(parameters, x, saved, values, scratch);
    // In double precision, rounded once: 2 (z - y) / (size outputs)
    const slopes = values.map((value, at) => (2 * (value - targets![at]!)) / length);
    program.backward(parameters, x, saved, slopes, null, gradient, scratch);
    referenceKernels.sgd(parameters, parameters, gradient, 0.5);
    return before;
  });
  for (const each of [program, predicting]) each.dispose();
  return { parameters, predicted };
}

describe("a learner of one stage in regression", () => {
  it.each([
    ["the native runtime, or what is here", async () => runtime],
    ["tfjs", () => loadTfjsRuntime(["cpu"])],
  ])("that admits every item is plain descent on %s, to the bit", async (_, load) => {
    const on = await load();
    const { learner, memory } = learnerOf({ kind: "every" }, on);
    const items = stream(30);
    const alone = trainAlone(items, learner.parameters(), on);
    for (const [k, item] of items.entries()) {
      const predicted = new Float32Array(samples * outputs);
      const error = learner.observe(item, predicted);
      expect(predicted).toEqual(alone.predicted[k]);
      const squares = predicted.map((value, at) => (value - item.targets![at]!) ** 2);
      expect(error).toBeCloseTo(squares.reduce((sum, each) => sum + each) / squares.length, 6);
    }
    learner.finish();
    expect(learner.parameters()).toEqual(alone.parameters);
    expect(learner.metrics().memory).toEqual(memory);
    learner.dispose();
  });

  it("predicts by an algorithm's own values, and refuses one that asks for a reference", () => {
    const halved = { predict: (_: unknown, values: Float32Array) => halve(values) };
    const halve = (values: Float32Array) => {
      for (const [at, value] of values.entries()) values[at] = value / 2;
    };
    const [plain, own] = [{}, halved].map((change) => {
      const { learner } = learnerOf({ kind: "every" }, runtime, change);
      const predicted = new Float32Array(samples * outputs);
      const error = learner.observe(stream(1)[0] as Batch, predicted);
      learner.finish();
      const parameters = learner.parameters();
      learner.dispose();
      return { error, predicted, parameters };
    });
    expect(own!.predicted).toEqual(plain!.predicted.map((value) => value / 2));
    expect(own!.error).not.toBe(plain!.error);
    expect(own!.parameters).toEqual(plain!.parameters);
    expect(() => learnerOf({ kind: "every" }, runtime, { referenceBatch: 2 })).toThrow(
      'Expected 0, with loss "meanSquaredError", for referenceBatch of the algorithm but received 2',
    );
  });

  it("chooses a coreset by errors: a step on it is one on all that waited, where samples repeat", () => {
    const [first, out, a, b] = stream(4) as [Batch, Batch, Batch, Batch];
    /** A sample of an item, or one of each of two items by turns. */
    const repeated = (...kinds: readonly Batch[]): Batch => {
      const copies = (of: (item: Batch) => Float32Array, length: number) =>
        Float32Array.from({ length: samples * length }, (_, at) => {
          const kind = kinds[Math.floor(at / length) % kinds.length] as Batch;
          return of(kind)[at % length]!;
        });
      return {
        x: copies(({ x }) => x, inputLength),
        labels: new Int32Array(0),
        targets: copies(({ targets }) => targets!, outputs),
        size: samples,
      };
    };
    const run = (rule: ChoiceRule) => {
      const waiting = { kind: "batch-skip", waiting: 2, atOnce: 1 } as const;
      const { learner, memory } = learnerOf({ ...waiting, rule });
      const initial = learner.parameters();
      // While the first is learned three come, the first of which is pushed out.
      for (const item of [first, out, repeated(a), repeated(b)]) learner.observe(item);
      learner.finish();
      const { metrics, parameters } = {
        metrics: learner.metrics(),
        parameters: learner.parameters(),
      };
      learner.dispose();
      expect(metrics.memory).toEqual(memory);
      expect(metrics.admitted).toBe(2);
      return { initial, parameters };
    };
    const farthest = (actual: Float32Array, expected: Float32Array) =>
      Math.max(...actual.map((value, at) => Math.abs(value - expected[at]!)));
    const { initial, parameters } = run(coresetChoice({ predictionTime: 0.01 }));
    const both = trainAlone([first, repeated(a, b)], initial, runtime).parameters;
    expect(farthest(parameters, both)).toBeLessThan(1e-6);
    const newer = trainAlone([first, repeated(b)], initial, runtime).parameters;
    expect(farthest(newer, both)).toBeGreaterThan(1e-3);
    expect(farthest(run(newest).parameters, newer)).toBeLessThan(1e-6);
  });
});
