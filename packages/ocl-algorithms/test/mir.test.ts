import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { createAlgorithm } from "../src/index.js";
import { crossEntropies, gradientOf, toyLogits } from "./tfjs-reference.js";
import { itemOf, roomFor, shapeFor, toyModel, toyShape } from "./toy.js";

const { inputLength } = toyShape;
const [batch, replay, learningRate] = [4, 5, 0.3];
const inputs = (x: Float32Array) => tf.tensor2d(x, [x.length / inputLength, inputLength]);

/** One whose buffer holds the items 0 .. 5 and draws all of them as candidates. */
function full() {
  const model = toyModel();
  const algorithm = createAlgorithm("mir", shapeFor(batch), {
    seed: 2,
    replay,
    capacity: 24,
    candidates: 24,
    buffer: "ring",
    learningRate,
  });
  algorithm.attach?.(model);
  for (let k = 0; k < 6; k++) algorithm.compose(itemOf(batch, k), roomFor(batch + replay));
  return { algorithm, model };
}

/** How much a virtual step on an item raises the loss of each sample of the buffer, by tfjs. */
function interference(parameters: Float32Array, seed: number) {
  const item = itemOf(batch, seed);
  const loss = (values: tf.Tensor) =>
    tf.mean(crossEntropies(toyLogits(toyShape, values, inputs(item.x)), item.labels));
  const slope = gradientOf(loss, parameters);
  const moved = parameters.map((value, index) => value - learningRate * (slope[index] as number));
  return [0, 1, 2, 3, 4, 5].flatMap((k) => {
    const { x, labels } = itemOf(batch, k);
    const at = (values: Float32Array) =>
      crossEntropies(toyLogits(toyShape, tf.tensor1d(values), inputs(x)), labels).arraySync();
    const [before, after] = [at(parameters), at(moved)];
    return after.map((value, sample) => ({
      score: value - (before[sample] as number),
      x: [...x.subarray(sample * inputLength, (sample + 1) * inputLength)],
      label: labels[sample] as number,
    }));
  });
}

describe("mir", () => {
  it("replays those samples, most interfered first, that tfjs scores highest", () => {
    const { algorithm, model } = full();
    const target = roomFor(batch + replay);
    expect(algorithm.compose(itemOf(batch, 9), target)).toBe(batch + replay);
    const ranked = interference(model.parameters, 9).sort((a, b) => b.score - a.score);
    const replayed = Array.from({ length: replay }, (_, place) => ({
      x: [...target.x.subarray((batch + place) * inputLength, (batch + place + 1) * inputLength)],
      label: target.labels[batch + place],
    }));
    expect(replayed).toEqual(ranked.slice(0, replay).map(({ x, label }) => ({ x, label })));
    // The case tells right from wrong: the best differ from those that a step would help.
    expect(ranked[0]?.score).toBeGreaterThan(0);
    expect(ranked.at(-1)?.score).toBeLessThan(0);
  });

  it("replays all that it holds while that is no more than it replays, and computes nothing", () => {
    const algorithm = createAlgorithm("mir", shapeFor(2), { seed: 2, replay: 4, candidates: 8 });
    const never = () => {
      throw new Error("Expected no computation");
    };
    algorithm.attach?.({
      readParameters: never,
      logits: never,
      gradient: never,
      features: never,
    });
    const sizes = [0, 1, 2].map((k) => algorithm.compose(itemOf(2, k), roomFor(6)));
    expect(sizes).toEqual([2, 4, 6]);
  });

  it("names a wrong setting", () => {
    const create = (change: object) => () =>
      createAlgorithm("mir", shapeFor(2), { seed: 0, ...change });
    expect(create({ candidates: 10 })).toThrow(
      "Expected an integer of at least 16 for candidates but received 10 of type number",
    );
    expect(create({ buffer: "fifo" })).toThrow(
      'Expected one of reservoir, balanced, ring for buffer but received "fifo"',
    );
  });
});
