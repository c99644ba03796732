import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compensatorNames } from "@ferret-ocl/compensation";
import { algorithmNames } from "@ferret-ocl/ocl-algorithms";
import { createLearner, type Learner, openLearner, optimizerNames } from "@ferret-ocl/pipeline";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inputLength, layers, stripes } from "../learner/stripes.js";

const batch = 8;
/** Milliseconds of one item, forward and backward; of `layers` by operation counts. */
const sequential = 4.8e-4;

interface Case {
  readonly algorithm: string;
  readonly compensation: string;
  readonly optimizer: string;
  readonly memoryBudget: string;
  readonly pressure: number;
  readonly computeUnits: number | undefined;
  readonly items: number;
  /** Items between two checkpoints. */
  readonly every: number;
  /** Items after which the process ends. */
  readonly end: number;
  /** Samples of item k, by k modulo its length. */
  readonly sizes: readonly number[];
  /** Whether snapshots of the model are taken at boundaries that the loss tells, not every few items. */
  readonly isBoundary: boolean;
}

/** Few items between the snapshots of those that take some. */
function snapshotsOf(algorithm: string) {
  if (algorithm !== "lwf" && algorithm !== "mas") return {};
  const snapshotAt = algorithm === "lwf" ? ("interval" as const) : ("plateau" as const);
  return { algorithmOptions: { snapshotAt, warmUp: 5, refresh: 9 } };
}

const cases = (algorithm: string): fc.Arbitrary<Case> =>
  fc.integer({ min: 30, max: 80 }).chain((items) =>
    fc.record({
      algorithm: fc.constant(algorithm),
      compensation: fc.constantFrom("auto", ...compensatorNames),
      optimizer: fc.constantFrom(...optimizerNames),
      memoryBudget: fc.constantFrom("none", "min", "2bw"),
      pressure: fc.constantFrom(2, 4, 8),
      computeUnits: fc.constantFrom(undefined, 2),
      items: fc.constant(items),
      every: fc.integer({ min: 3, max: 30 }),
      end: fc.integer({ min: 3, max: items }),
      sizes: fc.array(fc.integer({ min: 1, max: batch }), { minLength: 1, maxLength: 3 }),
      isBoundary: fc.boolean(),
    }),
  );

function start({
  optimizer,
  pressure,
  computeUnits,
  algorithm,
  isBoundary,
  ...rest
}: Case): Promise<Learner> {
  return createLearner({
    model: layers,
    inputShape: [inputLength],
    batch,
    algorithm,
    // A few samples, so that what is replayed is chosen.
    ...(["er", "mir"].includes(algorithm) && { algorithmOptions: { capacity: 40, replay: 4 } }),
    ...(isBoundary ? {} : snapshotsOf(algorithm)),
    compensation: rest.compensation,
    optimizer,
    learningRate: optimizer === "sgd" ? 0.05 : 0.003,
    memoryBudget: rest.memoryBudget,
    arrivalInterval: sequential / pressure,
    clock: { kind: "virtual", ...(computeUnits && { computeUnits }) },
    runtime: "cpu",
    seed: 3,
  });
}

/** Goes over items of the stream with a checkpoint after every so many; gives all predictions. */
async function follow(
  learner: Learner,
  { every, sizes }: Case,
  folder: string,
  from: number,
  to: number,
): Promise<Float32Array[]> {
  const predicted: Float32Array[] = [];
  for (let item = from; item < to; item++) {
    const { x, y } = stripes(item, sizes[item % sizes.length] as number);
    predicted.push((await learner.observe(x, y)).probabilities);
    if ((item + 1) % every === 0) await learner.save(folder, { items: item + 1 });
  }
  return predicted;
}

async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "ferret-checkpoint-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("a learner on the virtual clock with checkpoints", () => {
  it.each(algorithmNames)(
    "is the same to the bit where it ended anywhere and was opened again, with %s",
    async (algorithm) => {
      const seen = new Set<string>();
      await fc.assert(
        fc.asyncProperty(cases(algorithm), (drawn) =>
          inFolder(async (folder) => {
            const whole = await start(drawn);
            const predicted = await follow(whole, drawn, join(folder, "whole"), 0, drawn.items);

            const first = await start(drawn);
            await follow(first, drawn, join(folder, "parts"), 0, drawn.end);
            await first.dispose();
            const from = drawn.end - (drawn.end % drawn.every);
            const again =
              from === 0 ? await start(drawn) : await openLearner(join(folder, "parts"));
            if (from > 0) {
              expect(again.attachment).toEqual({ items: from });
              expect(again.compensation).toBe(whole.compensation);
              expect(again.plan).toEqual(whole.plan);
            }
            const rest = await follow(again, drawn, join(folder, "parts"), from, drawn.items);
            expect(rest).toEqual(predicted.slice(from));
            expect(again.parameters()).toEqual(whole.parameters());
            expect(again.metrics()).toEqual(whole.metrics());
            expect(again.switches()).toEqual([]);
            await whole.finish();
            await again.finish();
            expect(again.parameters()).toEqual(whole.parameters());
            expect(again.metrics()).toEqual(whole.metrics());
            expect(again.metrics().memory).toEqual(again.plan.memory);
            if (whole.metrics().staleness.some(({ length }) => length > 2)) seen.add("late");
            if (whole.metrics().dropped > 0) seen.add("dropped");
            if (whole.plan.stageCount > 1) seen.add("several stages");
            await whole.dispose();
            await again.dispose();
          }),
        ),
        { numRuns: 12, seed: 7, endOnFailure: true },
      );
      // What could differ has been there.
      expect([...seen]).toEqual(expect.arrayContaining(["late", "dropped", "several stages"]));
    },
  );

  it("is so with moving statistics, and draws of Dropout that an algorithm asks for", () =>
    inFolder(async (folder) => {
      const [first, ...rest] = layers;
      const between = [
        { class_name: "BatchNormalization", config: {} },
        { class_name: "Dropout", config: { rate: 0.3 } },
      ];
      const learner = await createLearner({
        model: [first as (typeof layers)[0], ...between, ...rest],
        inputShape: [inputLength],
        batch,
        algorithm: "mir",
        algorithmOptions: { capacity: 40, replay: 4, candidates: 12 },
        clock: { kind: "virtual" },
        arrivalInterval: sequential / 4,
        runtime: "cpu",
      });
      for (let item = 0; item < 40; item++) {
        const { x, y } = stripes(item, batch);
        await learner.observe(x, y);
      }
      await learner.save(folder);
      const again = await openLearner(folder);
      for (let item = 40; item < 90; item++) {
        const { x, y } = stripes(item, batch);
        expect(await again.observe(x, y)).toEqual(await learner.observe(x, y));
      }
      expect(again.parameters()).toEqual(learner.parameters());
      expect(again.metrics()).toEqual(learner.metrics());
      await learner.dispose();
      await again.dispose();
    }));

  it("is so in regression, whose errors go on", () =>
    inFolder(async (folder) => {
      const [first, second] = layers as [object, object];
      const learner = await createLearner({
        model: [first, second, { class_name: "Dense", config: { units: 2 } }] as typeof layers,
        inputShape: [inputLength],
        loss: "meanSquaredError",
        batch,
        algorithm: "er",
        optimizer: "adam",
        learningRate: 0.003,
        clock: { kind: "virtual" },
        arrivalInterval: sequential / 4,
        runtime: "cpu",
      });
      const targetsOf = (y: Int32Array) => Float32Array.from([...y].flatMap((c) => [c, 1 - c]));
      for (let item = 0; item < 30; item++) {
        const { x, y } = stripes(item, batch);
        await learner.observe(x, targetsOf(y));
      }
      await learner.save(folder);
      const again = await openLearner(folder, { loss: "meanSquaredError" });
      for (let item = 30; item < 60; item++) {
        const { x, y } = stripes(item, batch);
        const expected = await learner.observe(x, targetsOf(y));
        expect(await again.observe(x, targetsOf(y))).toEqual(expected);
      }
      expect(again.metrics().regression.samples).toBe(60 * batch);
      expect(again.metrics()).toEqual(learner.metrics());
      expect(again.parameters()).toEqual(learner.parameters());
      await learner.dispose();
      await again.dispose();
    }));
});
