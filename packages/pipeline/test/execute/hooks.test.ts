import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import { noOverheads, type Overheads } from "@ferret-ocl/planner";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createScheduledLearner,
  createVirtualLearner,
  hookBytes,
  inputSlotBytes,
  type LearningAlgorithm,
  Ledger,
  type ModelAccess,
  shapeOf,
  WholeModel,
} from "../../src/engine.js";
import { planSchedule, profileModel, type TimedAction } from "../../src/index.js";
import { createCrossEntropy } from "../cross-entropy.mjs";
import { createProjecting } from "../hooked.mjs";
import { gradientOf } from "../naive-trainer.js";
import {
  batch,
  classes,
  drawItems,
  learningRate,
  model,
  pipelines,
  plainWorker,
  planOf,
  runtime,
} from "../perceptron.js";

const items = drawItems(24, 7);
const plain = createCrossEntropy("learn", { batch, classes });
const shape = shapeOf(model, batch);
const bits = (values: Float32Array) => new Uint32Array(values.slice().buffer);

type Cut = Pick<Parameters<typeof planOf>[1], "partition" | "workers" | "inFlight">;

/** A learner on the virtual clock, in just the memory that is planned for it. */
function open(
  make: (allocate: (category: "algorithm", bytes: number) => ArrayBufferLike) => LearningAlgorithm,
  cut: Cut,
  arrivalInterval: number,
  onAction: (action: TimedAction) => void = () => {},
) {
  const needs = make((_, bytes) => new ArrayBuffer(bytes));
  const { shared, perExecutor } = hookBytes(needs, model, runtime, batch);
  const { memoryBytes = { algorithm: 0 } } = needs as { memoryBytes?: { algorithm: number } };
  const overheads: Overheads = {
    ...noOverheads,
    algorithmBytes: memoryBytes.algorithm + shared,
    executorAlgorithmBytes: perExecutor,
  };
  const measured = profileModel({ model, runtime, batch, timing: "model" });
  const layers = measured.layers.map((layer) => ({ ...layer, forwardTime: 1, backwardTime: 2 }));
  const profile = { ...measured, layers, inputBytes: inputSlotBytes(model, needs) };
  const plan = planOf(profile, cut, overheads, arrivalInterval);
  const ledger = new Ledger(plan.memory.total);
  const algorithm = make((category, bytes) => ledger.allocate(category, bytes));
  const learner = createVirtualLearner({
    model,
    profile,
    plan,
    runtime,
    ledger,
    algorithm,
    compensator: createCompensator("none", {}, referenceKernels),
    kernels: referenceKernels,
    learningRate,
    seed: 4,
    onAction,
  });
  return { learner, algorithm, planned: plan.memory };
}

describe("features of a layer", () => {
  const names = model.layers.map(({ name }) => name);
  const setups = fc.record({
    cut: pipelines,
    layer: fc.constantFrom(...names, undefined),
    arrivalInterval: fc.integer({ min: 3, max: 12 }),
  });

  it("are what the whole model gives by the newest weights, to the bit, wherever it is cut", () => {
    fc.assert(
      fc.property(setups, ({ cut, layer, arrivalInterval }) => {
        const index = layer === undefined ? names.length - 2 : names.indexOf(layer);
        const { length } = shape.layers[index]!;
        const features = layer === undefined ? {} : { layer };
        let seen = { logits: new Uint32Array(0), features: new Uint32Array(0) };
        let composed: Float32Array | null = null;
        let access: ModelAccess | null = null;
        const parameters = new Float32Array(model.parameterCount);
        const { learner, planned } = open(
          () => ({
            ...plain,
            features,
            modelBatch: batch,
            attach(given: ModelAccess) {
              access = given;
            },
            compose(item, target) {
              composed = new Float32Array(batch * length);
              access?.readParameters(parameters);
              access?.features(parameters, item.x, item.size, composed);
              return plain.compose(item, target);
            },
            predict({ logits, features: of }) {
              seen = { logits: bits(logits), features: bits(of) };
            },
          }),
          cut,
          arrivalInterval,
        );
        const bare = open(() => plain, cut, arrivalInterval).learner;
        const whole = new WholeModel(model, runtime, batch, new Ledger(null), () => {}, {
          index,
          length,
        });
        const logits = new Float32Array(batch * classes);
        const expected = new Float32Array(batch * length);
        for (const item of items) {
          composed = null;
          expect(learner.observe(item)).toBe(bare.observe(item));
          if (composed) {
            whole.features(parameters, item.x, batch, expected);
            expect(bits(composed)).toEqual(bits(expected));
          }
          // Time stands still: these are the weights that it is predicted with.
          learner.predict(item);
          whole.features(learner.parameters(), item.x, batch, expected);
          whole.logits(learner.parameters(), item.x, batch, logits);
          expect(seen.features).toEqual(bits(expected));
          expect(seen.logits).toEqual(bits(logits));
        }
        expect(learner.parameters()).toEqual(bare.parameters());
        expect(learner.metrics().memory).toEqual(planned);
        for (const each of [learner, bare, whole]) each.dispose();
      }),
      { numRuns: 30 },
    );
  });

  it("have an index of their own in the model, or are refused with the layers that it has", () => {
    const make = (layer: string) => () => ({ ...plain, features: { layer } });
    const cut = { partition: [0, 2], workers: [plainWorker(2)] };
    expect(() => open(make("hidden"), cut, 3)).toThrow(
      new RegExp(`"hidden"; it has ${names.join(", ")}`),
    );
  });
});

describe("the gradient of all parameters", () => {
  const sizes = [5, 6, 5, 4, 3];
  const layers = sizes.slice(1).map((units, index) => ({
    inputs: sizes[index]!,
    units,
    relu: index < sizes.length - 2,
  }));
  const rows = (x: Float32Array) =>
    Array.from({ length: batch }, (_, sample) => [...x.subarray(5 * sample, 5 * (sample + 1))]);
  const naiveItems = items.map(({ x, labels }) => ({ x: rows(x), labels: [...labels] }));
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, index) => sum + value * b[index]!, 0);

  /**
   * Plain descent along projected gradients by a trace, in double precision; every version is kept.
   * @param drainsFrom from this action on the nth late gradient counts as 1 / (n + 1).
   */
  function projectNaively(
    actions: readonly TimedAction[],
    initial: Float32Array,
    drainsFrom: number,
  ): number[] {
    let drained = 0;
    const versions = [{ time: Number.NEGATIVE_INFINITY, weights: [...initial] }];
    const used = new Map<number, number[]>();
    const admitted = actions.filter(({ kind }) => kind === "F").map(({ item }) => item);
    admitted.sort((a, b) => a - b);
    for (const [at, { kind, item, start, end }] of actions.entries()) {
      const newest = versions.at(-1)!.weights;
      if (kind === "F") used.set(item, versions.findLast(({ time }) => time <= start)!.weights);
      if (kind !== "B") continue;
      const own = used.get(item)!;
      let gradient = gradientOf(layers, own, naiveItems[item]!);
      const before = admitted[admitted.indexOf(item) - 1];
      if (before !== undefined) {
        const reference = gradientOf(layers, newest, naiveItems[before]!);
        const product = dot(gradient, reference);
        const part = product / dot(reference, reference);
        if (product < 0)
          gradient = gradient.map((value, index) => value - part * reference[index]!);
      }
      if (at >= drainsFrom && own !== newest) drained++;
      const share = at >= drainsFrom && own !== newest ? 1 / (drained + 1) : 1;
      const weights = newest.map((value, index) => value - learningRate * share * gradient[index]!);
      versions.push({ time: end, weights });
    }
    return versions.at(-1)!.weights;
  }

  const fleets = fc.record({
    workers: fc.array(
      fc.boolean().map((recompute) => ({ ...plainWorker(1), recompute })),
      { minLength: 1, maxLength: 4 },
    ),
    arrivalInterval: fc.integer({ min: 3, max: 40 }),
  });

  it("is projected as A-GEM does, like a naive trainer, by any number of workers", () => {
    let projected = 0;
    fc.assert(
      fc.property(fleets, ({ workers, arrivalInterval }) => {
        const actions: TimedAction[] = [];
        const { learner, algorithm, planned } = open(
          (allocate) => createProjecting(shape, { allocate }),
          { partition: [0], workers },
          arrivalInterval,
          (action) => actions.push(action),
        );
        const initial = learner.parameters();
        for (const item of items) learner.observe(item);
        const until = actions.length;
        learner.finish();
        const naive = projectNaively(actions, initial, until);
        learner.parameters().forEach((value, at) => {
          expect(Math.abs(value - naive[at]!)).toBeLessThan(1e-4);
        });
        const { products } = algorithm as ReturnType<typeof createProjecting>;
        for (const [before, after, square] of products) {
          // After Eq. 11 nothing of the gradient raises the loss of the reference.
          expect(after).toBeGreaterThan(-1e-5 * square);
          if (before >= 0) expect(after).toBe(before);
          else projected++;
        }
        expect(learner.metrics().memory).toEqual(planned);
        learner.dispose();
      }),
      { numRuns: 40 },
    );
    expect(projected).toBeGreaterThan(40);
  });

  it("is not to be had of several stages, nor where a reference has no room", () => {
    const make = () => createProjecting(shape, {});
    expect(() => open(make, { partition: [0, 2], workers: [plainWorker(2)] }, 3)).toThrow(
      /one stage, \[0\], for partition with projecting.*2: \[0, 2\]/,
    );
    const greedy = () => ({
      ...createProjecting(shape, {}),
      compose(
        item: Parameters<typeof plain.compose>[0],
        target: typeof item & { reference?: typeof item; targets: Float32Array },
      ) {
        if (target.reference) target.reference.size = batch + 1;
        return plain.compose(item, target);
      },
    });
    const { learner } = open(greedy, { partition: [0], workers: [plainWorker(1)] }, 3);
    expect(() => learner.observe(items[0]!)).toThrow(/0 to 2 samples \(its referenceBatch\)/);
    learner.dispose();
  });

  it("is not to be had where inputs go before gradients of weights are there", () => {
    const profile = profileModel({ model, runtime, batch, timing: "model" });
    const plan = planSchedule(profile, "zero-bubble", 1, 2);
    expect(plan.partition).toEqual([0]);
    const machine = { model, runtime, ledger: new Ledger(null), kernels: referenceKernels };
    const make = () =>
      createScheduledLearner({
        ...machine,
        profile,
        plan,
        algorithm: createProjecting(shape, {}),
        compensator: createCompensator("none", {}, referenceKernels),
        learningRate,
        seed: 4,
        arrivalInterval: 3,
      });
    expect(make).toThrow(/schedule of whole backward passes for projecting/);
  });

  it("must be left finite", () => {
    const make = () => ({
      ...createProjecting(shape, {}),
      regulariseWhole(gradient: Float32Array) {
        gradient[1] = Number.NaN;
      },
    });
    const { learner } = open(make, { partition: [0], workers: [plainWorker(1)] }, 30);
    expect(() => {
      for (const item of items) learner.observe(item);
    }).toThrow(/from regulariseWhole of projecting for item 0 but received NaN/);
    learner.dispose();
  });
});
