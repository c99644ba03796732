import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createAlgorithm,
  crossEntropyOf,
  softmaxCrossEntropy,
  squaredErrorOf,
} from "../src/index.js";
import { farthest } from "./tfjs-reference.js";
import { itemOf, numbers, roomFor, shapeFor, toyModel, toyShape } from "./toy.js";

const { classes } = toyShape;
const [batch, replay] = [4, 6];

/** What was composed of item 5 with `size` samples, of five that came before. */
function composed(name: string, size: number, change: object = {}) {
  const algorithm = createAlgorithm(name, shapeFor(batch), { seed: 3, replay, ...change });
  algorithm.attach?.(toyModel());
  const { learnBatch, targetLength = 0 } = algorithm;
  for (let k = 0; k < 5; k++)
    algorithm.compose(itemOf(batch, k), roomFor(learnBatch, targetLength));
  const target = roomFor(learnBatch, targetLength);
  target.size = algorithm.compose(itemOf(size, 9), target);
  return { algorithm, target };
}

describe.each(["er", "mir"])("the loss of %s", (name) => {
  it("adds the mean over the item and that over what is replayed, whatever their sizes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: batch }), fc.nat(1000), (size, seed) => {
        const { algorithm, target } = composed(name, size, { replayLoss: "sum" });
        expect(target.size).toBe(size + replay);
        const logits = numbers(target.size * classes, seed);
        const meanOf = (from: number, to: number) => {
          const gradient = new Float32Array((to - from) * classes);
          const own = logits.slice(from * classes, to * classes);
          const labels = target.labels.slice(from, to);
          return { loss: softmaxCrossEntropy(own, labels, to - from, classes, gradient), gradient };
        };
        const [item, replayed] = [meanOf(0, size), meanOf(size, target.size)];
        const gradient = logits.slice();
        const loss = algorithm.loss(gradient, target, gradient);
        expect(loss).toBeCloseTo(item.loss + replayed.loss, 5);
        const expected = Float32Array.of(...item.gradient, ...replayed.gradient);
        expect(farthest(gradient, expected)).toBeLessThan(1e-6);
      }),
    );
  });

  it("is one mean over both where that is asked for", () => {
    const { algorithm, target } = composed(name, 3, { replayLoss: "mean" });
    expect(algorithm.targetLength ?? 0).toBe(0);
    const logits = numbers(target.size * classes, 8);
    let mean = 0;
    for (let sample = 0; sample < target.size; sample++)
      mean += crossEntropyOf(logits, sample, target.labels[sample]!, classes) / target.size;
    expect(algorithm.loss(logits, target, logits)).toBeCloseTo(mean, 6);
  });

  it("names a wrong kind", () => {
    expect(() => composed(name, 3, { replayLoss: "both" })).toThrow(
      'Expected one of mean, sum for replayLoss but received "both"',
    );
  });
});

it("adds means of squared errors in regression, its weights behind the targets", () => {
  const shape = { ...shapeFor(batch), loss: "meanSquaredError" as const };
  const algorithm = createAlgorithm("er", shape, { seed: 3, replay, replayLoss: "sum" });
  expect(algorithm.targetLength).toBe(classes + 1);
  const item = (k: number) => ({
    ...itemOf(batch, k),
    targets: numbers(batch * classes, 100 + k),
  });
  const room = () => roomFor(algorithm.learnBatch, algorithm.targetLength);
  for (let k = 0; k < 5; k++) algorithm.compose(item(k), room());
  const target = room();
  target.size = algorithm.compose(item(9), target);
  const values = numbers(target.size * classes, 8);
  let sum = 0;
  for (let sample = 0; sample < target.size; sample++)
    sum +=
      squaredErrorOf(values, target.targets, sample, classes) / (sample < batch ? batch : replay);
  expect(algorithm.loss(values, target, values)).toBeCloseTo(sum, 5);
});
