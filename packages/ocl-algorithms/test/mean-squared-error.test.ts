import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { meanSquaredError, squaredErrorOf } from "../src/index.js";
import { distilledSquaredError } from "../src/loss/mean-squared-error.js";
import { farthest, gradientOf } from "./tfjs-reference.js";
import { numbers } from "./toy.js";

const [size, outputs] = [3, 2];
const values = Float32Array.of(0.5, -1.25, 2, 3.5, -0.75, 1);
const targets = Float32Array.of(1, 0.25, 1.5, 3, 0, -2);

describe("the mean squared error", () => {
  it("and its gradient are those of torch.nn.MSELoss", () => {
    const gradient = values.slice();
    // torch 2.13: z.requires_grad_(); loss = MSELoss()(z, y); loss.backward(); loss.item(), z.grad
    const torch = [-1 / 6, -0.5, 1 / 6, 1 / 6, -0.25, 1].map(Math.fround);
    expect(meanSquaredError(gradient, targets, size, outputs, gradient)).toBe(2.09375);
    expect([...gradient]).toEqual(torch);
  });

  it("is the mean of those of its samples", () => {
    const each = [0, 1, 2].map((sample) => squaredErrorOf(values, targets, sample, outputs));
    expect(each).toEqual([1.25, 0.25, 4.78125]);
    expect((each[0]! + each[1]! + each[2]!) / 3).toBeCloseTo(2.09375, 12);
  });
});

describe("the mean squared error with a teacher", () => {
  const alpha = 0.7;
  const teacher = numbers(size * outputs, 4);

  it("is what tfjs computes, without a teacher's values where it has none", () => {
    const heard = Float32Array.of(1, 1, 0, 1, 1, 0);
    const told = teacher.map((value, at) => (heard[at] ? value : Number.NEGATIVE_INFINITY));
    // Room for a batch of four samples lies between both.
    const room = new Float32Array(4 * outputs + told.length);
    room.set(targets);
    room.set(told, 4 * outputs);
    const formula = (at: tf.Tensor) => {
      const away = tf.mul(heard, tf.squaredDifference(at, teacher));
      return tf.mean(tf.add(tf.squaredDifference(at, targets), tf.mul(alpha, away)));
    };
    const gradient = values.slice();
    const loss = distilledSquaredError(
      { values: gradient, targets: room, teacherOffset: 4 * outputs, size, outputs, alpha },
      gradient,
    );
    expect(loss).toBeCloseTo(formula(tf.tensor1d(values)).dataSync()[0] as number, 5);
    expect(farthest(gradient, gradientOf(formula, values))).toBeLessThan(1e-6);
  });
});
