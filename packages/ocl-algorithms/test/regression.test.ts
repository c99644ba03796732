// Every built-in algorithm learns targets as it learns labels: on a toy model, against tfjs.
import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { algorithmNames, createAlgorithm } from "../src/index.js";
import { farthest, gradientOf, toyLogits } from "./tfjs-reference.js";
import { numbers, roomFor, shapeFor, toyModel, toyShape } from "./toy.js";

const { inputLength, classes: outputs } = toyShape;
const batch = 4;
const replay = 5;
const shape = { ...shapeFor(batch), loss: "meanSquaredError" as const };
const small: Record<string, object> = {
  er: { replay, capacity: 24 },
  mir: { replay, capacity: 24, candidates: 24, buffer: "ring", learningRate: 0.1 },
  lwf: { snapshotAt: "interval", warmUp: 2, refresh: 2, alpha: 0.5 },
  mas: { snapshotAt: "plateau", warmUp: 2, refresh: 2, learningRate: 1e-6 },
};
const create = (name: string, change: object = {}) =>
  createAlgorithm(name, shape, { seed: 2, ...small[name], ...change });

/** Without labels, which nobody may read. */
const itemOf = (seed: number) => ({
  x: numbers(batch * inputLength, seed),
  labels: new Int32Array(0),
  targets: numbers(batch * outputs, 500 + seed),
  size: batch,
});

function room({ learnBatch, targetLength = 0 }: ReturnType<typeof create>) {
  return { ...roomFor(learnBatch, targetLength), labels: new Int32Array(0) };
}

/** An algorithm that was shown the items 0 .. items - 1. */
function shown(name: string, items: number) {
  const [algorithm, model] = [create(name), toyModel()];
  algorithm.attach?.(model);
  for (let k = 0; k < items; k++) algorithm.compose(itemOf(k), room(algorithm));
  return { algorithm, model };
}

/** Inputs and targets of a sample, by which it can be told from others. */
const sampleOf = ({ x, targets }: { x: Float32Array; targets: Float32Array }, sample: number) =>
  [
    ...x.subarray(sample * inputLength, (sample + 1) * inputLength),
    ...targets.subarray(sample * outputs, (sample + 1) * outputs),
  ].join();

const past = (items: number) =>
  Array.from({ length: items }, (_, k) => k).flatMap((k) =>
    Array.from({ length: batch }, (_, sample) => sampleOf(itemOf(k), sample)),
  );

/** Squared error of each sample at some parameters, by tfjs. */
function errorsAt(parameters: tf.Tensor, { x, targets }: ReturnType<typeof itemOf>) {
  const values = toyLogits(toyShape, parameters, tf.tensor2d(x, [batch, inputLength]));
  return tf.mean(tf.squaredDifference(values, tf.tensor2d(targets, [batch, outputs])), 1);
}

describe.each(algorithmNames)("%s in regression", (name) => {
  it("says that it learns targets, and writes the item's first", () => {
    const { algorithm } = shown(name, 3);
    const [item, target] = [itemOf(9), room(algorithm)];
    const size = algorithm.compose(item, target);
    expect(algorithm.learnsTargets).toBe(true);
    expect([0, 1, 2, 3].map((sample) => sampleOf(target, sample))).toEqual(
      [0, 1, 2, 3].map((sample) => sampleOf(item, sample)),
    );
    for (let sample = batch; sample < size; sample++)
      expect(past(3)).toContain(sampleOf(target, sample));
    expect(size).toBe(["er", "mir"].includes(name) ? batch + replay : batch);
  });

  it("has the gradient that finite differences show", () => {
    const { algorithm } = shown(name, 3);
    const target = room(algorithm);
    target.size = algorithm.compose(itemOf(9), target);
    const values = numbers(target.size * outputs, 7);
    const gradient = values.slice();
    algorithm.loss(gradient, target, gradient);
    const step = 2 ** -6;
    const slopes = values.map((_, index) => {
      const lossAt = (shift: number) => {
        const moved = values.slice();
        moved[index]! += shift;
        return algorithm.loss(moved, target, new Float32Array(values.length));
      };
      return (lossAt(step) - lossAt(-step)) / (2 * step);
    });
    expect(farthest(gradient, slopes)).toBeLessThan(1e-4);
  });

  it("goes on to the bit from a saved state, which classification does not take", () => {
    const { algorithm, model } = shown(name, 5);
    const again = create(name, { seed: 77 });
    again.attach?.(model);
    again.restore(algorithm.save());
    const targets = [algorithm, again].map((each) => {
      const target = room(each);
      for (let k = 5; k < 8; k++) each.compose(itemOf(k), target);
      return target;
    });
    expect(targets[1]).toEqual(targets[0]);
    const ofClasses = createAlgorithm(name, shapeFor(batch), { seed: 2, ...small[name] });
    expect(() => ofClasses.restore(algorithm.save())).toThrow(
      `Expected loss none for the state of ${name} but received "meanSquaredError"`,
    );
  });
});

describe("er in regression", () => {
  it("refuses a buffer that balances classes", () => {
    expect(() => create("er", { buffer: "balanced" })).toThrow(
      'Expected reservoir or ring for buffer with loss "meanSquaredError" but received "balanced"; ' +
        "it balances classes, of which targets have none",
    );
  });
});

describe("mir in regression", () => {
  it("replays those samples whose squared error a step on the item raises most, by tfjs", () => {
    const { algorithm, model } = shown("mir", 6);
    const [item, target] = [itemOf(9), room(algorithm)];
    algorithm.compose(item, target);
    const slope = gradientOf((at) => tf.mean(errorsAt(at, item)), model.parameters);
    const moved = model.parameters.map((value, index) => value - 0.1 * slope[index]!);
    const ranked = [0, 1, 2, 3, 4, 5]
      .flatMap((k) => {
        const [before, after] = [model.parameters, moved].map((at) =>
          errorsAt(tf.tensor1d(at), itemOf(k)).dataSync(),
        );
        return [0, 1, 2, 3].map((sample) => ({
          rise: after![sample]! - before![sample]!,
          sample: sampleOf(itemOf(k), sample),
        }));
      })
      .sort((a, b) => b.rise - a.rise);
    const replayed = Array.from({ length: replay }, (_, place) => sampleOf(target, batch + place));
    expect(replayed).toEqual(ranked.slice(0, replay).map(({ sample }) => sample));
    expect(ranked.at(-1)!.rise).toBeLessThan(0);
  });
});

describe("lwf in regression", () => {
  it("draws the model to what it gave when the teacher was taken", () => {
    const { algorithm, model } = shown("lwf", 3);
    const { x, targets } = itemOf(9);
    const taught = toyLogits(
      toyShape,
      tf.tensor1d(model.parameters),
      tf.tensor2d(x, [batch, inputLength]),
    ).dataSync();
    // The teacher is the model of before.
    model.parameters.fill(0);
    const target = room(algorithm);
    target.size = algorithm.compose(itemOf(9), target);
    const values = numbers(batch * outputs, 7);
    const gradient = values.slice();
    const loss = algorithm.loss(gradient, target, gradient);
    // MSE(y, z) + α MSE(t, z), α 0.5
    const slopes = values.map((z, at) => 2 * (z - targets[at]! + 0.5 * (z - taught[at]!)));
    expect(
      farthest(
        gradient,
        [...slopes].map((slope) => slope / values.length),
      ),
    ).toBeLessThan(1e-5);
    const terms = [...values].map((z, at) => (z - targets[at]!) ** 2 + (z - taught[at]!) ** 2 / 2);
    expect(loss).toBeCloseTo(terms.reduce((sum, term) => sum + term) / values.length, 4);
  });

  it("refuses a temperature", () => {
    expect(() => create("lwf", { temperature: 2 })).toThrow(
      'Expected no temperature with loss "meanSquaredError" but received 2; it is of a softmax, so ' +
        "leave it out",
    );
  });
});
