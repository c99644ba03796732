// Threads start from built JavaScript, so this test uses the package as others do.

import { createCompensator } from "@ferret-ocl/compensation";
import { InputError, planSchedule, profileModel } from "@ferret-ocl/pipeline";
import {
  arrivalSlots,
  type Batch,
  checkInputs,
  checkItem,
  createScheduledLearner,
  createVirtualLearner,
  Ledger,
  loadRuntime,
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
  learningRate,
  model,
  plainWorker,
  planOf,
  runtime,
  runtimeChoice,
} from "../perceptron.js";

const inputLength = 5;
const shape = { batch, inputLength, classes };
const good = (): Batch => drawItems(1, 3)[0]!;

/** A good item with something changed. */
function spoiled(change: (item: Batch) => unknown): Batch {
  const item = good();
  return { ...item, ...(change(item) as Partial<Batch> | undefined) };
}
const put = (list: Float32Array | Int32Array, place: number, value: number): undefined => {
  list[place] = value;
};

const wrongInputs: [string, Batch, string][] = [
  [
    "a NaN",
    spoiled(({ x }) => put(x, 7, Number.NaN)),
    "Expected finite numbers for x of item 4 but received NaN as value 2 of sample 1; " +
      "correct it or leave the item out",
  ],
  [
    "an infinite value, the last one",
    spoiled(({ x }) => put(x, 9, Number.NEGATIVE_INFINITY)),
    "Expected finite numbers for x of item 4 but received -Infinity as value 4 of sample 1; " +
      "correct it or leave the item out",
  ],
  [
    "too few values",
    spoiled(({ x }) => ({ x: x.subarray(1) })),
    "Expected 2 x 5 values for x of item 4 but received 9; " +
      "give every sample as many values as the model has inputs",
  ],
  [
    "another size",
    spoiled(() => ({ size: 1 })),
    "Expected a size of 2 samples for item 4 but received 1; " +
      "hand over items of the batch that the learner was made for",
  ],
  [
    "doubles",
    spoiled(({ x }) => ({ x: Float64Array.from(x) })),
    "Expected a Float32Array for x of item 4 but received Float64Array; convert it",
  ],
  [
    "nothing",
    null as unknown as Batch,
    "Expected { x, labels, size } for item 4 but received null; hand over an item",
  ],
];

const wrongLabels: [string, Batch, string][] = [
  [
    "a label that is no class",
    spoiled(({ labels }) => put(labels, 1, classes)),
    "Expected a class from 0 to 2 for the label of sample 1 of item 4 but received 3; " +
      "correct it or leave the item out",
  ],
  [
    "a negative label",
    spoiled(({ labels }) => put(labels, 0, -1)),
    "Expected a class from 0 to 2 for the label of sample 0 of item 4 but received -1; " +
      "correct it or leave the item out",
  ],
  [
    "too few labels",
    spoiled(({ labels }) => ({ labels: labels.subarray(1) })),
    "Expected 2 labels for item 4 but received 1; give every sample its label",
  ],
  [
    "labels that are no integers",
    spoiled(() => ({ labels: Float32Array.of(0, 1.5) })),
    "Expected an Int32Array for labels of item 4 but received Float32Array; convert them",
  ],
];

function complaint(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  throw new Error("Expected a complaint but there was none");
}

describe("an item", () => {
  it.each([...wrongInputs, ...wrongLabels])("with %s is refused", (_, item, message) => {
    expect(complaint(() => checkItem(item, shape, 4))).toBe(message);
  });

  it.each(wrongInputs)("that is only predicted, too, with %s", (_, item, message) => {
    expect(complaint(() => checkInputs(item, shape, 4))).toBe(message);
  });

  it.each(wrongLabels)("that is only predicted may have %s", (_, item) => {
    expect(() => checkInputs(item, shape, 4)).not.toThrow();
  });

  it("may have longer arrays, whatever lies behind it, and huge numbers", () => {
    const { x, labels } = good();
    x[3] = 3.4e38;
    const longer = {
      x: Float32Array.of(...x, Number.NaN, Number.POSITIVE_INFINITY),
      labels: Int32Array.of(...labels, 99),
      size: batch,
    };
    expect(() => checkItem(longer, shape, 4)).not.toThrow();
  });
});

const profile = profileModel({ model, runtime, batch, timing: "model" });
const { kernels } = await loadRuntime(runtimeChoice);
const worker = { partition: [0, 2], workers: [plainWorker(2), plainWorker(2)] };
const schedule = ["pipedream-2bw", 2, 2] as const;
const onThreads = { ...noOverheads, executorCount: 1, arrivalSlots: arrivalSlots(1) };
const here = {
  model,
  profile,
  runtime,
  kernels,
  algorithm: createCrossEntropy("learn", { batch, classes }),
  compensator: createCompensator("none", {}, kernels),
  learningRate,
  seed: 4,
};
const there = {
  model,
  profile,
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
    arguments: ["none", {}],
  },
  learningRate,
  seed: 4,
  arrivalInterval: null,
};

/** What learners have in common, on either clock. */
interface AnyLearner {
  observe(item: Batch): unknown;
  finish(): unknown;
  evaluate(item: Batch): number;
  predict(item: Batch): Float32Array;
  parameters(): Float32Array;
  metrics(): { readonly items: number; readonly admitted: number };
  dispose(): void;
}

const learners: [string, () => AnyLearner | Promise<AnyLearner>][] = [
  [
    "Ferret",
    () =>
      createVirtualLearner({
        ...here,
        ledger: new Ledger(null),
        plan: planOf(profile, worker, noOverheads, 1),
      }),
  ],
  [
    "a fixed schedule",
    () =>
      createScheduledLearner({
        ...here,
        ledger: new Ledger(null),
        plan: planSchedule(profile, ...schedule),
        arrivalInterval: 1,
      }),
  ],
  [
    "Ferret on threads",
    () =>
      startThreadsLearner({
        ...there,
        ledger: new Ledger(null),
        plan: planOf(profile, worker, onThreads, 1),
        onPrediction: () => {},
      }),
  ],
  [
    "a fixed schedule on threads",
    () =>
      startThreadsScheduledLearner({
        ...there,
        ledger: new Ledger(null),
        plan: planSchedule(profile, ...schedule, onThreads),
        onPrediction: () => {},
      }),
  ],
];

describe.each(learners)("%s", (name, start) => {
  it("refuses wrong items and goes on as if they had not come", async () => {
    const items = drawItems(30, 11);
    const plain = await start();
    for (const item of items) await plain.observe(item);
    await plain.finish();

    const guarded = await start();
    for (const [index, item] of items.entries()) {
      if (index % 7 === 4)
        for (const [, wrong, message] of [...wrongInputs, ...wrongLabels])
          await expect(async () => guarded.observe(wrong)).rejects.toThrow(
            message.replaceAll("item 4", `item ${index}`),
          );
      await guarded.observe(item);
    }
    await guarded.finish();
    const { items: count, admitted } = guarded.metrics();
    // With several items on their way between threads, which are taken in hangs on the clock.
    if (!name.endsWith("threads")) {
      expect(guarded.parameters()).toEqual(plain.parameters());
      expect(admitted).toBe(plain.metrics().admitted);
    }
    expect(count).toBe(30);
    expect(guarded.parameters().every(Number.isFinite)).toBe(true);

    for (const [, wrong] of [...wrongInputs, ...wrongLabels])
      expect(() => guarded.evaluate(wrong)).toThrow(/ the item to evaluate /);
    for (const [, wrong] of wrongInputs)
      expect(() => guarded.predict(wrong)).toThrow(/ the item to predict /);
    plain.dispose();
    guarded.dispose();
  });
});
