import { compensatorNames, createCompensator } from "@ferret-ocl/compensation";
import { noOverheads } from "@ferret-ocl/planner";
import { describe, expect, it } from "vitest";
import {
  createScheduledLearner,
  createVirtualLearner,
  cutStages,
  Ledger,
  loadRuntime,
  loadTfjsRuntime,
  WholeModel,
} from "../../src/engine.js";
import { parseModel, planSchedule, profileModel } from "../../src/index.js";
import { createCrossEntropy } from "../cross-entropy.mjs";
import { plainWorker, planOf, runtime, runtimeChoice } from "../perceptron.js";
import { random } from "../runtime/runtime-passes.js";

const batch = 3;
const classes = 3;
const learningRate = 0.1;
const { kernels } = await loadRuntime(runtimeChoice);
const algorithm = createCrossEntropy("learn", { batch, classes });
const layer = (class_name: string, config: object) => ({ class_name, config });

/** Frozen: the convolution, and the middle one of three dense layers. */
const model = parseModel({
  class_name: "Sequential",
  config: {
    layers: [
      layer("Conv2D", {
        name: "conv",
        filters: 3,
        kernel_size: 2,
        activation: "relu",
        trainable: false,
        batch_input_shape: [null, 4, 4, 2],
      }),
      layer("BatchNormalization", { name: "norm", momentum: 0.8 }),
      layer("Flatten", {}),
      layer("Dense", { name: "a", units: 6, activation: "relu" }),
      layer("Dense", { name: "b", units: 5, activation: "relu", trainable: false }),
      layer("Dense", { name: "c", units: classes }),
    ],
  },
});
const items = Array.from({ length: 16 }, (_, index) => ({
  x: random(batch * 32, index + 1),
  labels: Int32Array.from({ length: batch }, (__, sample) => (index + sample) % classes),
  size: batch,
}));

/** Parameter tensors by name. */
function tensors(parameters: Float32Array): Map<string, number[]> {
  let offset = 0;
  return new Map(
    model.layers
      .flatMap((each) => each.parameters)
      .map(({ name, shape }) => {
        const length = shape.reduce((product, size) => product * size, 1);
        offset += length;
        return [name, [...parameters.subarray(offset - length, offset)]];
      }),
  );
}

function expectFrozen(before: Float32Array, after: Float32Array): void {
  const [first, last] = [tensors(before), tensors(after)];
  for (const [name, values] of first) {
    const isFrozen = /^(conv|b)\//.test(name);
    if (isFrozen) expect(last.get(name), name).toEqual(values);
    else expect(last.get(name), name).not.toEqual(values);
  }
}

const tfjs = await loadTfjsRuntime(["cpu"]);
const runtimes = runtime.name === "tfjs" ? [tfjs] : [runtime, tfjs];

describe("frozen layers", () => {
  it("are spans of each stage", () => {
    expect(cutStages(model, [0, 4]).map(({ frozen }) => frozen)).toEqual([
      [{ offset: 0, length: 27 }],
      [{ offset: 0, length: 35 }],
    ]);
  });

  const cases = runtimes.flatMap((each) =>
    compensatorNames.map((name) => [name, each.name, each] as const),
  );
  it.each(cases)("stay to the bit with %s on %s, late gradients or not", (name, _, each) => {
    const profile = profileModel({ model, runtime: each, batch, timing: "model" });
    for (const partition of [[0], [0, 1, 3, 4, 5]]) {
      // With T2 in the early stages, so that accumulators take part.
      const workers = [0, 1].map(() => ({
        ...plainWorker(partition.length),
        accumulate: partition.map((__, stage) => (stage < partition.length - 1 ? 2 : 1)),
      }));
      const compensator = createCompensator(name, {}, kernels);
      const overheads = { ...noOverheads, compensationVectors: compensator.stateVectors };
      const learner = createVirtualLearner({
        model,
        profile,
        plan: planOf(profile, { partition, workers }, overheads, profile.sequentialTime / 3),
        runtime: each,
        ledger: new Ledger(null),
        algorithm: {
          ...algorithm,
          // A penalty on every weight, as those of some algorithms are.
          regularise: (__, gradient) => gradient.set(gradient.map((value) => value + 0.01)),
        },
        compensator,
        kernels,
        learningRate,
        seed: 3,
      });
      const before = learner.parameters();
      for (const item of items) learner.observe(item);
      learner.finish();
      expectFrozen(before, learner.parameters());
      learner.dispose();
    }
  });

  it.each(["zero-bubble", "pipedream", "dapple"])("stay to the bit under %s", (schedule) => {
    const profile = profileModel({ model, runtime, batch, timing: "model" });
    const learner = createScheduledLearner({
      model,
      profile,
      plan: planSchedule(profile, schedule, 3),
      runtime,
      ledger: new Ledger(null),
      algorithm,
      compensator: createCompensator("none", {}, kernels),
      kernels,
      learningRate,
      seed: 3,
      arrivalInterval: profile.sequentialTime,
    });
    const before = learner.parameters();
    for (const item of items) learner.observe(item);
    learner.finish();
    expectFrozen(before, learner.parameters());
    learner.dispose();
  });

  it("have no gradient for an algorithm that asks for the whole model's", () => {
    const whole = new WholeModel(model, runtime, batch, new Ledger(null), () => {});
    const parameters = random(model.parameterCount, 9).map(Math.abs);
    const gradient = new Float32Array(model.parameterCount);
    const { x, labels, size } = items[0]!;
    whole.gradient(
      parameters,
      x,
      batch,
      (logits) => algorithm.loss(logits, { labels, targets: new Float32Array(0), size }, logits),
      gradient,
    );
    const named = tensors(gradient);
    for (const name of ["conv/kernel", "conv/bias", "b/kernel", "b/bias"])
      expect(named.get(name)?.every((value) => value === 0)).toBe(true);
    expect(named.get("c/bias")?.some((value) => value !== 0)).toBe(true);
    whole.dispose();
  });

  it("leave descent on the rest as it is on their outputs alone", () => {
    // x -> relu(x W) by hand, then a model of the last layer alone, learns what the whole one does.
    const first = { units: 4, activation: "relu", use_bias: false, name: "first" };
    const last = { units: classes, name: "last", kernel_initializer: "zeros" };
    const [whole, rest] = [
      [
        layer("Dense", { ...first, trainable: false, batch_input_shape: [null, 5] }),
        layer("Dense", last),
      ],
      [layer("Dense", { ...last, batch_input_shape: [null, 4] })],
    ].map((layers) => parseModel({ class_name: "Sequential", config: { layers } }));
    const learn = (each: typeof whole, xs: Float32Array[]) => {
      const profile = profileModel({ model: each!, runtime, batch, timing: "model" });
      const setup = { partition: [0], workers: [plainWorker(1)] };
      const learner = createVirtualLearner({
        model: each!,
        profile,
        plan: planOf(profile, setup, noOverheads, 10 * profile.sequentialTime),
        runtime,
        ledger: new Ledger(null),
        algorithm,
        compensator: createCompensator("none", {}, kernels),
        kernels,
        learningRate,
        seed: 7,
      });
      const start = learner.parameters();
      for (const [index, x] of xs.entries()) learner.observe({ ...items[index]!, x });
      learner.finish();
      const end = learner.parameters();
      learner.dispose();
      return { start, end };
    };
    const inputs = items.map((_, index) => random(batch * 5, index + 50));
    const trained = learn(whole, inputs);
    const weights = trained.start.subarray(0, 20);
    const features = inputs.map((x) =>
      Float32Array.from({ length: batch * 4 }, (_, at) => {
        const [sample, unit] = [Math.floor(at / 4), at % 4];
        let sum = 0;
        for (let input = 0; input < 5; input++)
          sum += x[sample * 5 + input]! * weights[input * 4 + unit]!;
        return Math.max(0, sum);
      }),
    );
    const alone = learn(rest, features).end;
    expect(trained.end.subarray(0, 20)).toEqual(weights);
    trained.end.subarray(20).forEach((value, at) => {
      expect(value).toBeCloseTo(alone[at]!, 5);
    });
  });

  it("are not all of a model", () => {
    const layers = [layer("Dense", { units: 2, trainable: false, batch_input_shape: [null, 2] })];
    expect(() => parseModel({ class_name: "Sequential", config: { layers } })).toThrow(
      "Expected a layer that learns",
    );
  });
});
