// Threads start from built JavaScript, so this test uses the package as others do.
import {
  type Admission,
  arrivalSlots,
  coresetChoice,
  drawn,
  Ledger,
  newest,
  predictOneStageMemory,
  startThreadsOneStageLearner,
} from "@ferret-ocl/pipeline/engine";
import { noOverheads } from "@ferret-ocl/planner";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  classes,
  createLearner,
  crossEntropy,
  inputLength,
  lottery,
  model,
  profileOf,
} from "../course/one-stage-run.js";
import { runtime, runtimeChoice } from "../perceptron.js";
import { batches, predictions as counted } from "./noted-cross-entropy.mjs";

const batch = 2;
const learningRate = 0.5;

/** Items whose first values are their numbers, by a scale that leaves the steps small. */
const scale = 1 / 64;
const itemOf = (item: number) => ({
  x: Float32Array.of(item * scale, 1, item * scale, -1),
  labels: Int32Array.of(item % classes, (item + 1) % classes),
  size: batch,
});

interface Threads {
  readonly threads: number;
  /** Milliseconds between items; null: as fast as they are taken. */
  readonly interval: number | null;
  readonly items: number;
  /** Items after which labels come. */
  readonly delay?: number;
}

function start(
  admission: Admission,
  { threads, interval }: Pick<Threads, "threads" | "interval">,
  predictions: number[] = [],
) {
  const atOnce = admission.kind === "batch-skip" ? admission.atOnce : 1;
  const profile = profileOf(batch, atOnce * batch);
  const overheads = {
    ...noOverheads,
    executorCount: threads,
    arrivalSlots: arrivalSlots(threads),
  };
  const memory = predictOneStageMemory({ model, profile, admission, algorithm: {}, overheads });
  const started = startThreadsOneStageLearner({
    model,
    profile,
    admission,
    threads,
    runtime: runtimeChoice,
    ledger: new Ledger(memory.total),
    algorithm: {
      module: new URL("./noted-cross-entropy.mjs", import.meta.url).href,
      export: "createNoted",
      arguments: [],
    },
    compensator: {
      module: "@ferret-ocl/compensation",
      export: "createCompensator",
      arguments: ["none", {}],
    },
    learningRate,
    seed: 3,
    arrivalInterval: interval,
    onPrediction: (item, correct) => {
      expect(item).toBe(predictions.length);
      predictions.push(correct);
      counted.reported = predictions.length;
    },
    tracedItems: 1000,
  });
  return { started, memory };
}

/** Learns a stream on threads. */
async function run(admission: Admission, { items, delay = 0, ...threads }: Threads) {
  const predictions: number[] = [];
  const from = batches.length;
  counted.reported = 0;
  const { started, memory } = start(admission, threads, predictions);
  const learner = await started;
  const initial = learner.parameters();
  for (let item = 0; item < items; item++) {
    const learned = item < delay ? null : itemOf(item - delay);
    await (delay === 0 ? learner.observe(itemOf(item)) : learner.observe(itemOf(item), learned));
  }
  await learner.finish();
  const result = {
    initial,
    predictions,
    memory,
    predictedBefore: batches.slice(from).map(({ reported }) => reported),
    learned: batches
      .slice(from)
      .map(({ values }) =>
        values.filter((_, at) => at % batch === 0).map((value) => Math.round(value / scale)),
      ),
    actions: learner.actions(),
    parameters: learner.parameters(),
    metrics: learner.metrics(),
  };
  await learner.dispose();
  return result;
}

/** Softmax regression on batches of items, from scratch, in double precision. */
function descend(initial: Float32Array, learned: readonly (readonly number[])[]): number[] {
  const parameters = [...initial];
  const bias = inputLength * classes;
  for (const items of learned) {
    const gradient = parameters.map(() => 0);
    for (const item of items) {
      const { x, labels } = itemOf(item);
      for (let sample = 0; sample < batch; sample++) {
        const input = [...x.subarray(sample * inputLength, (sample + 1) * inputLength)];
        const logits = Array.from({ length: classes }, (_, label) =>
          input.reduce(
            (sum, value, index) => sum + value * parameters[index * classes + label]!,
            parameters[bias + label]!,
          ),
        );
        const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
        logits.forEach((logit, label) => {
          const error = Math.exp(logit) / sum - (label === labels[sample] ? 1 : 0);
          const share = error / (batch * items.length);
          input.forEach((value, index) => {
            gradient[index * classes + label]! += share * value;
          });
          gradient[bias + label]! += share;
        });
      }
    }
    gradient.forEach((value, index) => {
      parameters[index]! -= learningRate * value;
    });
  }
  return parameters;
}

const anyThreads = fc.record({
  threads: fc.integer({ min: 1, max: 3 }),
  interval: fc.constantFrom(null, 0.001, 0.05, 0.3),
  items: fc.integer({ min: 1, max: 60 }),
  delay: fc.constantFrom(0, 0, 3),
});

const skips = fc
  .record({
    waiting: fc.integer({ min: 1, max: 8 }),
    most: fc.integer({ min: 1, max: 4 }),
    rule: fc.constantFrom("newest", "drawn"),
  })
  .map(({ waiting, most, rule }): Admission => {
    const atOnce = Math.min(waiting, most);
    return {
      kind: "batch-skip",
      waiting,
      atOnce,
      rule: rule === "newest" ? newest : drawn(lottery(7)),
    };
  });

const isNative = runtime.name === "native";

describe("a learner of one stage on threads", () => {
  it("that admits every item is the virtual one to the bit, its predictions too, whatever the threads and the pace", async () => {
    await fc.assert(
      fc.asyncProperty(anyThreads, async ({ delay: _, ...threads }) => {
        const real = await run({ kind: "every" }, threads);
        const virtual = createLearner({ kind: "every" }, crossEntropy(batch), {
          batch,
          times: [],
        });
        const correct = Array.from({ length: threads.items }, (_, item) =>
          virtual.observe(itemOf(item)),
        );
        virtual.finish();
        expect(real.predictions).toEqual(correct);
        expect(real.metrics.dropped).toBe(0);
        if (isNative) expect(real.parameters).toEqual(virtual.parameters());
        virtual.dispose();
      }),
      { numRuns: 10 },
    );
  });

  it("learns one item after the other, each after its prediction, to what descent on just those gives", async () => {
    await fc.assert(
      fc.asyncProperty(anyThreads, async (threads) => {
        const { learned, actions, metrics, ...result } = await run({ kind: "when-idle" }, threads);
        const offered = Math.max(0, threads.items - threads.delay);
        expect(metrics.items).toBe(threads.items);
        expect(metrics.admitted).toBe(learned.length);
        expect(metrics.admitted + metrics.dropped).toBe(offered);
        if (threads.interval === null) expect(metrics.dropped).toBe(0);
        expect(metrics.staleness).toEqual(learned.length === 0 ? [[]] : [[learned.length]]);
        // F and B of one item, then of the next.
        const passes = actions.filter(({ kind }) => kind !== "U");
        expect(passes.map(({ kind }) => kind)).toEqual(learned.flatMap(() => ["F", "B"]));
        passes.forEach(({ start }, index) => {
          if (index > 0) expect(start).toBeGreaterThanOrEqual(passes[index - 1]!.end);
        });
        descend(result.initial, learned).forEach((value, index) => {
          expect(result.parameters[index]).toBeCloseTo(value, 4);
        });
        if (isNative) expect(metrics.memory).toEqual(result.memory);
      }),
      { numRuns: 15 },
    );
  });

  it("chooses of what waits and has been predicted, nothing twice, and leaves nothing out where it sets the pace", async () => {
    await fc.assert(
      fc.asyncProperty(skips, anyThreads, async (admission, threads) => {
        if (admission.kind !== "batch-skip") throw new Error("Expected a batch skip");
        const { learned, predictedBefore, metrics, ...result } = await run(admission, threads);
        const all = learned.flat();
        expect(new Set(all).size).toBe(all.length);
        expect(metrics.admitted).toBe(all.length);
        for (const items of learned) expect(items.length).toBeLessThanOrEqual(admission.atOnce);
        const offered = Math.max(0, threads.items - threads.delay);
        expect(metrics.admitted + metrics.dropped).toBe(offered);
        // What is left over waits at the end.
        if (threads.interval === null)
          expect(metrics.dropped).toBeLessThanOrEqual(admission.waiting);
        learned.forEach((items, index) => {
          expect(Math.max(...items)).toBeLessThan(predictedBefore[index]!);
        });
        descend(result.initial, learned).forEach((value, index) => {
          expect(result.parameters[index]).toBeCloseTo(value, 4);
        });
        if (isNative) expect(metrics.memory).toEqual(result.memory);
      }),
      { numRuns: 25 },
    );
  });

  it("asks the model for coresets while threads learn, in memory that is planned for", async () => {
    await fc.assert(
      fc.asyncProperty(anyThreads, async (threads) => {
        const rule = coresetChoice({
          predictionTime: 1,
          gradientAtLogits(logits, labels, size, _, gradient) {
            const targets = new Float32Array(0);
            crossEntropy(size).loss(logits, { labels, targets, size }, gradient);
          },
        });
        const admission = { kind: "batch-skip", waiting: 4, atOnce: 2, rule } as const;
        const { metrics, memory, parameters, learned } = await run(admission, threads);
        expect(metrics.admitted).toBeGreaterThanOrEqual(learned.length);
        expect(metrics.updates).toEqual([learned.length]);
        expect(parameters.every(Number.isFinite)).toBe(true);
        if (isNative) expect(metrics.memory).toEqual(memory);
      }),
      { numRuns: 10 },
    );
  });

  it("is disposed of while it waits for an item's time", async () => {
    const admission = { kind: "batch-skip", waiting: 4, atOnce: 2, rule: newest } as const;
    const { started } = start(admission, { threads: 1, interval: 60_000 });
    const learner = await started;
    await learner.observe(itemOf(0));
    const waiting = learner.observe(itemOf(1));
    const refused = expect(waiting).rejects.toThrow("Expected no observe after dispose");
    await learner.dispose();
    await refused;
  });
});
