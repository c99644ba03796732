import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import type { Profile } from "@ferret-ocl/planner";
import { describe, expect, it } from "vitest";
import { createScheduledLearner, Ledger, loadTfjsRuntime } from "../../src/engine.js";
import { parseModel, planSchedule, profileModel, type TimedAction } from "../../src/index.js";
import { createCrossEntropy } from "../cross-entropy.mjs";
import { runtime as first } from "../perceptron.js";
import { count, random } from "../runtime/runtime-passes.js";

const batch = 3;
const classes = 4;
const algorithm = createCrossEntropy("learn", { batch, classes });

/** A small residual network, with every kind of layer that has parameters. */
const model = (() => {
  const layers: object[] = [];
  const push = (class_name: string, name: string, config: object, ...inputs: string[]) => {
    const calls = inputs.length > 0 ? [inputs.map((each) => [each, 0, 0, {}])] : [];
    layers.push({ class_name, name, config: { ...config, name }, inbound_nodes: calls });
    return name;
  };
  const window = { filters: 6, kernel_size: 3, padding: "same" };
  push("InputLayer", "input", { batch_input_shape: [null, 6, 5, 3] });
  let end = push("Conv2D", "stem", { ...window, activation: "relu" }, "input");
  end = push("BatchNormalization", "norm", { momentum: 0.75 }, end);
  const main = push("Conv2D", "inner", window, push("ReLU", "relu", {}, end));
  end = push("Add", "sum", {}, push("BatchNormalization", "inner_norm", {}, main), "relu");
  end = push("DepthwiseConv2D", "depthwise", { kernel_size: 3, activation: "relu6" }, end);
  end = push("InstanceNormalization", "instance", {}, end);
  end = push("MaxPooling2D", "pool", {}, end);
  end = push("Dense", "logits", { units: classes }, push("Flatten", "flat", {}, end));
  return parseModel({
    class_name: "Functional",
    config: { layers, input_layers: [["input", 0, 0]], output_layers: [[end, 0, 0]] },
  });
})();

const tfjs = await loadTfjsRuntime(["cpu"]);

describe.each(first.name === tfjs.name ? [tfjs] : [first, tfjs])("on $name", (runtime) => {
  const modelled = profileModel({ model, runtime, batch, timing: "model" });

  /** Learns 14 items, so slow that none is dropped. */
  function learn(
    schedule: string,
    deviceCount: number,
    microbatchCount: number,
    profile: Profile = modelled,
  ) {
    const actions: TimedAction[] = [];
    const plan = planSchedule(profile, schedule, deviceCount, microbatchCount);
    const learner = createScheduledLearner({
      model,
      profile,
      plan,
      runtime,
      ledger: new Ledger(plan.memory.total),
      algorithm,
      compensator: createCompensator("none"),
      kernels: referenceKernels,
      learningRate: 0.05,
      seed: 3,
      arrivalInterval: 10 * profile.sequentialTime,
      onAction: (action) => actions.push(action),
    });
    for (let item = 0; item < 14; item++)
      learner.observe({
        x: random(batch * count(model.inputShape), 10 + item),
        labels: Int32Array.from({ length: batch }, (_, sample) => (item + sample) % classes),
        size: batch,
      });
    learner.finish();
    const result = { actions, parameters: learner.parameters(), metrics: learner.metrics() };
    learner.dispose();
    expect(result.metrics.dropped).toBe(0);
    expect(result.metrics.memory).toEqual(plan.memory);
    return result;
  }

  it.each([
    [1, 2],
    [2, 2],
    [3, 3],
    [4, 6],
  ])(
    "Zero-Bubble on %i devices learns as DAPPLE does, to the last bit, %i micro-batches a flush",
    (deviceCount, microbatchCount) => {
      const split = learn("zero-bubble", deviceCount, microbatchCount);
      const whole = learn("dapple", deviceCount, microbatchCount);
      expect(split.parameters).toEqual(whole.parameters);
      expect(split.metrics.staleness).toEqual(whole.metrics.staleness);
    },
  );

  it("so it does with one micro-batch a flush, but for the rounding of DAPPLE's fused update", () => {
    const { parameters } = learn("dapple", 2, 1);
    learn("zero-bubble", 2, 1).parameters.forEach((value, index) => {
      expect(Math.abs(value - parameters[index]!)).toBeLessThan(1e-4);
    });
  });

  it("takes the times of B and W from a measured profile, and else halves those of layers with parameters", () => {
    const measured = profileModel({ model, runtime, batch, timing: "measured" });
    measured.layers.forEach((layer, index) => {
      expect(layer.backwardInputTime).toBeGreaterThan(0);
      if (model.layers[index]!.parameterCount > 0)
        expect(layer.backwardWeightsTime).toBeGreaterThan(0);
      else
        expect([layer.backwardInputTime, layer.backwardWeightsTime]).toEqual([
          layer.backwardTime,
          0,
        ]);
    });
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const own = sum(
      modelled.layers.map((layer) => (layer.parameterBytes > 0 ? layer.backwardTime / 2 : 0)),
    );
    const whole = sum(modelled.layers.map((layer) => layer.backwardTime));
    expectTimes(modelled, whole - own, own);
    expectTimes(
      measured,
      sum(measured.layers.map((layer) => layer.backwardInputTime!)),
      sum(measured.layers.map((layer) => layer.backwardWeightsTime!)),
    );
  });

  function expectTimes(profile: Profile, input: number, weights: number): void {
    const { actions } = learn("zero-bubble", 1, 2, profile);
    const last = (kind: string) => actions.findLast((action) => action.kind === kind)!;
    for (const [kind, time] of [
      ["B", input],
      ["W", weights],
    ] as const)
      expect(last(kind).end - last(kind).start).toBeCloseTo(time, 4);
  }
});
