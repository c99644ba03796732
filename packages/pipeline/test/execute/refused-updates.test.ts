// Threads start from built JavaScript, so this test uses the package as others do.

import { compensatorNames, createCompensator, type VectorKernels } from "@ferret-ocl/compensation";
import {
  InputError,
  orderNames,
  parseModel,
  planSchedule,
  profileModel,
  type Runtime,
} from "@ferret-ocl/pipeline";
import {
  arrivalSlots,
  createScheduledLearner,
  createVirtualLearner,
  type LearningAlgorithm,
  Ledger,
  loadRuntime,
  loadTfjsRuntime,
  startThreadsLearner,
  startThreadsScheduledLearner,
} from "@ferret-ocl/pipeline/engine";
import { noOverheads } from "@ferret-ocl/planner";
import { describe, expect, it } from "vitest";
import { createCrossEntropy } from "../cross-entropy.mjs";
import {
  batch,
  classes,
  drawItems,
  layerCount,
  learningRate,
  model,
  plainWorker,
  planOf,
  runtime,
  runtimeChoice,
} from "../perceptron.js";

const tfjs = await loadTfjsRuntime(["cpu"]);
const { kernels } = await loadRuntime(runtimeChoice);
const algorithm = createCrossEntropy("learn", { batch, classes });
const spoiled = 12;

/** Items of which one is so large that the model runs out of float32 on it. */
function items(count = 40) {
  const all = drawItems(count, 11);
  all[spoiled]!.x.forEach((value, index, x) => {
    x[index] = 3e38 * Math.sign(value);
  });
  return all;
}

interface AnyLearner {
  observe(item: ReturnType<typeof items>[number]): unknown;
  finish(): unknown;
  parameters(): Float32Array;
  metrics(): { readonly refusedUpdates: readonly number[] };
  dispose(): unknown;
}

/** Learns, and expects that the large item was refused, told of once, and nothing else. */
async function expectRefusal(
  start: (warn: (message: string) => void) => AnyLearner | Promise<AnyLearner>,
) {
  const warnings: string[] = [];
  const learner = await start((message) => warnings.push(message));
  for (const item of items()) await learner.observe(item);
  await learner.finish();
  const { refusedUpdates } = learner.metrics();
  expect(learner.parameters().every(Number.isFinite)).toBe(true);
  expect(refusedUpdates.some((count) => count > 0)).toBe(true);
  expect(Math.max(...refusedUpdates)).toBeLessThanOrEqual(1);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^The gradient of item 12 at stage \d is not finite, or is above 1e18: that update was not made, and others like it will not be made either; use a lower learning rate or scale the inputs$/,
    ),
  ]);
  await learner.dispose();
}

const slow = (profile: ReturnType<typeof profileModel>, time = 1) => ({
  ...profile,
  layers: profile.layers.map((layer) => ({ ...layer, forwardTime: time, backwardTime: 2 * time })),
});

function common(own: Runtime, vectors: VectorKernels, compensation: string) {
  return {
    model,
    profile: slow(profileModel({ model, runtime: own, batch, timing: "model" })),
    runtime: own,
    kernels: vectors,
    algorithm,
    compensator: createCompensator(compensation, {}, vectors),
    learningRate,
    seed: 4,
    ledger: new Ledger(null),
  };
}

const groups = { recompute: true, accumulate: [2, 2, 1], omit: [0, 0, 0] };

describe.each([
  ["native or what is there", runtime],
  ["tfjs", tfjs],
])("an update that cannot be made, on %s,", (_, own) => {
  it.each(compensatorNames)("is refused by Ferret with %s", (compensation) =>
    expectRefusal((onWarning) => {
      const options = common(own, kernels, compensation);
      const workers = [plainWorker(3), groups];
      // So slow a stream that every item is learned.
      const plan = planOf(options.profile, { partition: [0, 1, 3], workers }, noOverheads, 7);
      return createVirtualLearner({ ...options, plan, onWarning });
    }),
  );

  it.each(orderNames)("is refused by %s", (schedule) =>
    expectRefusal((onWarning) => {
      const options = common(own, kernels, "none");
      const plan = planSchedule(
        options.profile,
        schedule,
        schedule.startsWith("hanayo") ? 1 : 2,
        2,
      );
      return createScheduledLearner({ ...options, plan, arrivalInterval: 100, onWarning });
    }),
  );
});

const threadOptions = {
  model,
  profile: profileModel({ model, runtime, batch, timing: "model" }),
  threads: 1,
  runtime: runtimeChoice,
  algorithm: {
    module: new URL("../cross-entropy.mjs", import.meta.url).href,
    export: "createCrossEntropy",
    arguments: ["learn"],
  },
  compensator: {
    module: "@ferret-ocl/compensation",
    export: "createCompensator",
    arguments: ["iter-fisher", {}],
  },
  learningRate,
  seed: 4,
  arrivalInterval: null,
  onPrediction: () => {},
};
const onThreads = { ...noOverheads, executorCount: 1, arrivalSlots: arrivalSlots(1) };

describe("an update that cannot be made, on threads,", () => {
  it("is refused by Ferret", () =>
    expectRefusal((onWarning) => {
      const pipeline = { partition: [0, 1, 3], workers: [plainWorker(3), groups] };
      const plan = planOf(threadOptions.profile, pipeline, onThreads, 1);
      return startThreadsLearner({ ...threadOptions, ledger: new Ledger(null), plan, onWarning });
    }));

  it("is refused by a fixed schedule", () =>
    expectRefusal((onWarning) => {
      const plan = planSchedule(threadOptions.profile, "pipedream-2bw", 2, 2, onThreads);
      return startThreadsScheduledLearner({
        ...threadOptions,
        ledger: new Ledger(null),
        plan,
        onWarning,
      });
    }));
});

/** Ferret on one stage and one worker, with something changed. */
function plain(change: Partial<Parameters<typeof createVirtualLearner>[0]> = {}) {
  const options = common(runtime, kernels, "none");
  const pipeline = { partition: [0], workers: [plainWorker(1)] };
  const plan = planOf(options.profile, pipeline, noOverheads, 3 * layerCount);
  return createVirtualLearner({ ...options, plan, ...change });
}

describe("a learner", () => {
  it("is to the bit as if the item had never come that it refused to learn", () => {
    const all = items();
    const without = all.toSpliced(spoiled, 1);
    const [one, other] = [plain({ onWarning: () => {} }), plain()];
    for (const item of all) one.observe(item);
    for (const item of without) other.observe(item);
    for (const learner of [one, other]) learner.finish();
    expect(one.parameters()).toEqual(other.parameters());
    const score = (learner: typeof one) =>
      drawItems(20, 77).reduce((sum, item) => sum + learner.evaluate(item), 0);
    expect(score(one)).toBe(score(other));
    expect(one.metrics().refusedUpdates).toEqual([1]);
    expect(other.metrics().refusedUpdates).toEqual([0]);
    // It is counted among the items, but not among gradients that were applied.
    expect(one.metrics().staleness).toEqual(other.metrics().staleness);
    expect(one.metrics().items).toBe(other.metrics().items + 1);
  });

  it("warns the process where nobody listens", async () => {
    const heard = new Promise<Error>((resolve) => process.once("warning", resolve));
    const learner = plain();
    for (const item of items(spoiled + 1)) learner.observe(item);
    learner.finish();
    expect(await heard).toMatchObject({
      name: "FerretWarning",
      message: /^The gradient of item 12/,
    });
  });

  it("with a learning rate that is far too high ends with weights that are finite", () => {
    const learner = plain({ learningRate: 1e15, onWarning: () => {} });
    for (const item of drawItems(100, 5)) learner.observe(item);
    learner.finish();
    expect(learner.parameters().every(Number.isFinite)).toBe(true);
    expect(learner.metrics().refusedUpdates[0]).toBeGreaterThan(0);
  });

  it("that predicts one class only, whatever comes, says so once", () => {
    const initialParameters = new Float32Array(model.parameterCount);
    // The last bias: of class 2.
    initialParameters[model.parameterCount - 1] = 1e6;
    const warnings: string[] = [];
    const learner = plain({ initialParameters, onWarning: (message) => warnings.push(message) });
    expect(learner.metrics().collapse).toBeNull();
    for (const item of drawItems(1000, 5)) learner.observe(item);
    learner.finish();
    expect(learner.metrics().collapse).toEqual({ item: 499, window: 500, class: 2 });
    expect(warnings).toEqual([
      "The learner has collapsed: all predictions of the 500 items up to item 499 were class 2, " +
        "whatever the labels; use a lower learning rate or scale the inputs",
    ]);
  });

  describe("whose weights are finite but its logits are not", () => {
    const initialParameters = new Float32Array(model.parameterCount).fill(1e20);
    const collapse = { item: 499, window: 500, class: null };
    const warned = [
      expect.stringContaining("The gradient of item "),
      "The learner has collapsed: half or more of the 500 items up to item 499 had logits that are " +
        "not finite; use a lower learning rate or scale the inputs",
    ];
    const positive = drawItems(600, 5).map((item) => ({ ...item, x: item.x.map(Math.abs) }));

    it("says so once, on the virtual clock", () => {
      const warnings: string[] = [];
      const onWarning = (message: string) => warnings.push(message);
      const learner = plain({ initialParameters, onWarning });
      for (const item of positive) learner.observe(item);
      learner.finish();
      expect(learner.metrics().collapse).toEqual(collapse);
      expect(warnings).toEqual(warned);
    });

    it("says so once, on threads", async () => {
      const warnings: string[] = [];
      const pipeline = { partition: [0], workers: [plainWorker(1)] };
      const learner = await startThreadsLearner({
        ...threadOptions,
        ledger: new Ledger(null),
        plan: planOf(threadOptions.profile, pipeline, onThreads, 1),
        initialParameters,
        onWarning: (message) => warnings.push(message),
      });
      for (const item of positive) await learner.observe(item);
      await learner.finish();
      expect(learner.metrics().collapse).toEqual(collapse);
      expect(warnings).toEqual(warned);
      await learner.dispose();
    });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -0.1, 0, 1e-40, 1e39, "0.1" as unknown as number])(
    "does not take %s for a learning rate, on either clock",
    async (rate) => {
      const message = `Expected a number from 1e-30 to 1e30 for learningRate but received ${rate}; 0.05 is a usual one`;
      expect(() => plain({ learningRate: rate })).toThrow(new InputError(message));
      const options = { ...common(runtime, kernels, "none"), learningRate: rate };
      const schedule = planSchedule(options.profile, "dapple", 1);
      expect(() =>
        createScheduledLearner({ ...options, plan: schedule, arrivalInterval: 1 }),
      ).toThrow(message);
      const plan = planOf(
        threadOptions.profile,
        { partition: [0], workers: [plainWorker(1)] },
        onThreads,
        1,
      );
      const shared = { ...threadOptions, learningRate: rate, ledger: new Ledger(null) };
      await expect(startThreadsLearner({ ...shared, plan })).rejects.toThrow(message);
    },
  );

  it("does not begin with parameters that are not finite", () => {
    const initialParameters = new Float32Array(model.parameterCount);
    initialParameters[7] = Number.NaN;
    expect(() => plain({ initialParameters })).toThrow(
      "Expected finite numbers for initialParameters[7] but received NaN",
    );
  });
});

describe("where predictions are to be written", () => {
  const message =
    /^Expected an Int32Array of 2 elements, one per sample, or nothing for predicted /;
  const schedule = planSchedule(common(runtime, kernels, "none").profile, "dapple", 1);
  it.each([
    ["Ferret", () => plain()],
    [
      "a fixed schedule",
      () =>
        createScheduledLearner({
          ...common(runtime, kernels, "none"),
          plan: schedule,
          arrivalInterval: 1,
        }),
    ],
  ])("is looked at by %s before anything is done", (_, start) => {
    const learner = start();
    const [item] = drawItems(1, 3) as [ReturnType<typeof drawItems>[number]];
    for (const wrong of [
      new Float32Array(2),
      new Int32Array(1),
      new Int32Array(3),
      [0, 0],
      null,
      3,
    ])
      for (const call of ["observe", "evaluate"] as const)
        expect(() => learner[call](item, wrong as Int32Array)).toThrow(message);
    expect(learner.metrics().items).toBe(0);
    learner.observe(item, new Int32Array(2));
    learner.finish();
    expect(learner.metrics().items).toBe(1);
  });
});

describe("an algorithm", () => {
  const learnWith = (change: Partial<LearningAlgorithm>) => {
    const learner = plain({ algorithm: { ...algorithm, name: "mine", ...change } });
    for (const item of drawItems(5, 3)) learner.observe(item);
    learner.finish();
  };
  let losses = 0;
  /** Has its third loss spoiled. */
  const third = (spoil: (gradient: Float32Array) => number) => {
    losses = 0;
    return (...[logits, learned, gradient]: Parameters<LearningAlgorithm["loss"]>) => {
      const loss = algorithm.loss(logits, learned, gradient);
      return losses++ === 2 ? spoil(gradient) : loss;
    };
  };

  it("that makes a loss of NaN is named, with the item", () => {
    expect(() => learnWith({ loss: third(() => Number.NaN) })).toThrow(
      "Expected a loss and gradients that are numbers from mine for item 2 but received a loss of NaN; " +
        "the logits were finite, so look at what its loss divides by or takes the logarithm of",
    );
  });

  it.each([
    ["undefined", undefined],
    ["a Promise", Promise.resolve(1)],
    ["7", "7"],
  ])("that makes a loss of %s is named, with the item", (shown, loss) => {
    expect(() => learnWith({ loss: third(() => loss as unknown as number) })).toThrow(
      `numbers from mine for item 2 but received a loss of ${shown}; the logits were finite`,
    );
  });

  it.each([-1, classes])("whose compose writes a label of %s is named, with the item", (label) => {
    let items = 0;
    const compose: LearningAlgorithm["compose"] = (item, target) => {
      const size = algorithm.compose(item, target);
      if (items++ === 2) target.labels[1] = label;
      return size;
    };
    expect(() => learnWith({ compose })).toThrow(
      new InputError(
        `Expected classes from 0 to ${classes - 1} for the labels that compose of mine wrote for ` +
          `item 2 but received ${label} for sample 1 of its batch; see where it takes them from`,
      ),
    );
  });

  it("that makes a gradient of NaN is named, with the item", () => {
    const spoil = (gradient: Float32Array) => {
      gradient[1] = Number.NaN;
      return 0;
    };
    expect(() => learnWith({ loss: third(spoil) })).toThrow(
      /numbers from mine for item 2 but received a gradient that is not finite;/,
    );
  });

  it("whose penalty is no number is named, with item and stage", () => {
    const regularise = (_: number, gradient: Float32Array) => {
      if (losses === 3) gradient[0] = Number.NaN;
    };
    expect(() => learnWith({ loss: third(() => 0), regularise })).toThrow(
      "Expected finite gradients from regularise of mine for item 2, stage 0, but received NaN among them",
    );
  });

  it("whose penalty is too large, but finite, has the update refused as any other", () => {
    const warnings: string[] = [];
    const learner = plain({
      learningRate: 2,
      onWarning: (message) => warnings.push(message),
      algorithm: {
        ...algorithm,
        regularise(_, gradient) {
          gradient[0] = 3e18;
        },
      },
    });
    const before = learner.parameters();
    for (const item of drawItems(5, 3)) learner.observe(item);
    learner.finish();
    expect(learner.metrics().refusedUpdates).toEqual([5]);
    expect(learner.parameters()).toEqual(before);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^The gradient of item 0 at stage 0, times the learning rate of 2, is not finite, or is above 1e18: /,
      ),
    ]);
    learner.dispose();
  });

  it("never sees logits that are not finite", () => {
    const seen: boolean[] = [];
    const learner = plain({
      onWarning: () => {},
      algorithm: {
        ...algorithm,
        loss(logits, learned, gradient) {
          seen.push(logits.every(Number.isFinite));
          return algorithm.loss(logits, learned, gradient);
        },
      },
    });
    for (const item of items()) learner.observe(item);
    learner.finish();
    expect(seen.length).toBeGreaterThan(30);
    expect(seen).not.toContain(false);
  });
});

describe("moving statistics", () => {
  const normalized = parseModel({
    class_name: "Sequential",
    config: {
      layers: [
        { class_name: "Dense", config: { units: 6, batch_input_shape: [null, 5] } },
        { class_name: "BatchNormalization", config: { momentum: 0.9 } },
        { class_name: "Dense", config: { units: classes } },
      ],
    },
  });

  it.each([
    ["native or what is there", runtime, "none"],
    ["native or what is there", runtime, "secant"],
    ["tfjs", tfjs, "none"],
  ])("stay finite on %s, with compensation %s", (_, own, compensation) =>
    expectRefusal((onWarning) => {
      const options = {
        ...common(own, kernels, compensation),
        model: normalized,
        profile: slow(profileModel({ model: normalized, runtime: own, batch, timing: "model" })),
      };
      const pipeline = { partition: [0], workers: [plainWorker(1)] };
      const plan = planOf(options.profile, pipeline, noOverheads, 50);
      return createVirtualLearner({ ...options, plan, onWarning });
    }),
  );
});
