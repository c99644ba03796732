import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { createAlgorithm } from "../src/index.js";
import { plainKernels } from "../src/kernels.js";
import { farthest, gradientOf, toyLogits } from "./tfjs-reference.js";
import { itemOf, numbers, roomFor, shapeFor, toyModel, toyShape } from "./toy.js";

const size = 4;
const count = toyModel().parameters.length;

/** |∂ mean over the samples of Σ f² / ∂θ| of an item, by tfjs. */
function importanceOf(seed: number, parameters: Float32Array): Float32Array {
  const x = tf.tensor2d(itemOf(size, seed).x, [size, toyShape.inputLength]);
  const norm = (values: tf.Tensor) => tf.mean(tf.sum(tf.square(toyLogits(toyShape, values, x)), 1));
  return gradientOf(norm, parameters).map(Math.abs);
}

const noCounts = { warmUp: undefined, refresh: undefined };

/** Kernels that note which of them was called. */
function plainCalls() {
  const calls = new Set<string>();
  const noted = <Name extends keyof typeof plainKernels>(name: Name) =>
    ((...call: never[]) => {
      calls.add(name);
      return (plainKernels[name] as (...call: never[]) => unknown)(...call);
    }) as (typeof plainKernels)[Name];
  return {
    calls,
    sgd: noted("sgd"),
    squaredNorm: noted("squaredNorm"),
    magnitudeAverage: noted("magnitudeAverage"),
    pull: noted("pull"),
  };
}

/** One that was shown the items 0 .. items - 1, with an anchor after the third. */
function shown(items: number, change: object = {}) {
  const model = toyModel();
  const algorithm = createAlgorithm("mas", shapeFor(size), {
    seed: 1,
    snapshotAt: "plateau",
    warmUp: 3,
    refresh: 1000,
    learningRate: 1e-6,
    ...change,
  });
  algorithm.attach?.(model);
  for (let k = 0; k < items; k++) algorithm.compose(itemOf(size, k), roomFor(size));
  return { algorithm, model };
}

describe("mas", () => {
  it("holds parameters by the mean importance of the items before the anchor, as tfjs computes it", () => {
    const { algorithm, model } = shown(3, { refresh: 3, lambda: 0.7 });
    const each = [0, 1, 2].map((k) => importanceOf(k, model.parameters));
    const away = numbers(count, 8);
    const now = model.parameters.map((value, index) => value + (away[index] as number));
    const gradient = new Float32Array(count);
    algorithm.regularise?.(0, gradient, now);
    const expected = away.map(
      (distance, index) =>
        ((2 * 0.7 * distance) / 3) *
        each.reduce((sum, importance) => sum + (importance[index] as number), 0),
    );
    expect(farthest(gradient, expected)).toBeLessThan(1e-5);
  });

  it("adds to the gradient of a part what the whole would get there", () => {
    const { algorithm, model } = shown(3, { refresh: 3 });
    const now = model.parameters.map((value) => value + 0.5);
    const whole = numbers(count, 2);
    const parts = whole.slice();
    algorithm.regularise?.(0, whole, now);
    for (const [begin, end] of [
      [0, 7],
      [7, count],
    ] as const)
      algorithm.regularise?.(begin, parts.subarray(begin, end), now.subarray(begin, end));
    expect([...parts]).toEqual([...whole]);
  });

  it("is anchored where the loss lay flat before it rose, with or without kernels", () => {
    const [model, { algorithm }] = [toyModel(), shown(0, { snapshotAt: "boundary", ...noCounts })];
    const kernels = plainCalls();
    const other = shown(0, { snapshotAt: "boundary", ...noCounts }).algorithm;
    algorithm.attach?.(model);
    other.attach?.({
      kernels,
      readParameters: (target) => model.readParameters(target),
      logits: (...call) => model.logits(...call),
      gradient: (...call) => model.gradient(...call),
      features: (...call) => model.features(...call),
    });
    let anchor = new Float32Array(0);
    for (let k = 0; k < 300; k++) {
      // A class that the model thinks likely, then one that it does not.
      const item = itemOf(size, k);
      const values = new Float32Array(size * toyShape.classes);
      model.logits(model.parameters, item.x, size, values);
      for (let sample = 0; sample < size; sample++) {
        const row = [
          ...values.subarray(sample * toyShape.classes, (sample + 1) * toyShape.classes),
        ];
        item.labels[sample] = row.indexOf((k < 200 ? Math.max : Math.min)(...row));
      }
      if (k === 199) anchor = model.parameters.slice();
      for (const each of [algorithm, other]) each.compose(item, roomFor(size));
      model.parameters[0] = model.parameters[0]! + 1e-4;
    }
    const [gradient, same] = [new Float32Array(count), new Float32Array(count)];
    const now = anchor.map((value) => value + 1);
    now[0] = anchor[0]!;
    algorithm.regularise?.(0, gradient, now);
    other.regularise?.(0, same, now, kernels);
    expect([...same]).toEqual([...gradient]);
    expect(kernels.calls).toEqual(new Set(["squaredNorm", "magnitudeAverage", "pull"]));
    // Of the parameter that moved it is the anchor of then, of the others that of now.
    expect(gradient[0]).toBe(0);
    expect(gradient.some((value) => value > 0)).toBe(true);
  });

  it("holds nothing before it has an anchor", () => {
    const { algorithm, model } = shown(2, { refresh: 3 });
    const gradient = new Float32Array(count);
    algorithm.regularise?.(
      0,
      gradient,
      model.parameters.map((value) => value + 1),
    );
    expect(gradient.every((value) => value === 0)).toBe(true);
  });

  it("never steps past the anchor, whatever lambda is", () => {
    const learningRate = 0.1;
    const { algorithm, model } = shown(3, { refresh: 3, lambda: 1e9, learningRate });
    const away = numbers(count, 4);
    const now = model.parameters.map((value, index) => value + (away[index] as number));
    const gradient = new Float32Array(count);
    algorithm.regularise?.(0, gradient, now);
    gradient.forEach((slope, index) => {
      const left = (away[index] as number) - learningRate * slope;
      expect(Math.abs(left)).toBeLessThanOrEqual(Math.abs(away[index] as number) + 1e-6);
      expect(left * (away[index] as number)).toBeGreaterThanOrEqual(-1e-6);
    });
  });

  it("names a wrong setting", () => {
    expect(() => shown(0, { lambda: Number.NaN })).toThrow(
      "Expected a non-negative number for lambda but received NaN of type number",
    );
    expect(() => shown(0, { learningRate: 0 })).toThrow("a positive number for learningRate");
  });
});
