import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { distilledCrossEntropy, softmaxCrossEntropy } from "../src/index.js";
import { crossEntropies, farthest, gradientOf } from "./tfjs-reference.js";
import { numbers } from "./toy.js";

const [size, classes, alpha] = [3, 5, 1.7];
const labels = Int32Array.of(4, 0, 2);
const logits = numbers(size * classes, 5);
const teacher = numbers(size * classes, 6);

/** The formula, over the classes of `known`, by tfjs. */
function reference(temperature: number, known: readonly number[]) {
  const of = (values: tf.Tensor) =>
    tf.gather(values.reshape([size, classes]), [...known], 1).div(temperature);
  return (values: tf.Tensor) => {
    const p = tf.softmax(of(tf.tensor1d(teacher)));
    const logP = tf.logSoftmax(of(tf.tensor1d(teacher)));
    const divergence = tf.sum(tf.mul(p, tf.sub(logP, tf.logSoftmax(of(values)))), 1);
    const plain = crossEntropies(values.reshape([size, classes]), labels);
    return tf.mean(tf.add(plain, tf.mul(divergence, alpha)));
  };
}

function ours(temperature: number, known: readonly number[], at = logits) {
  const targets = teacher.map((value, index) =>
    known.includes(index % classes) ? value : Number.NEGATIVE_INFINITY,
  );
  const gradient = at.slice();
  const loss = distilledCrossEntropy(
    { logits: gradient, labels, targets, size, classes, alpha, temperature },
    gradient,
  );
  return { loss, gradient };
}

describe("distilled cross entropy", () => {
  it.each([
    [2, [0, 1, 2, 3, 4]],
    [2, [1, 3]],
    [1, [0, 2, 4]],
    [4, [2]],
  ] as const)(
    "at temperature %d over the classes %j is what tfjs computes",
    (temperature, known) => {
      const formula = reference(temperature, known);
      const { loss, gradient } = ours(temperature, known);
      expect(loss).toBeCloseTo(formula(tf.tensor1d(logits)).dataSync()[0] as number, 5);
      expect(farthest(gradient, gradientOf(formula, logits))).toBeLessThan(1e-5);
    },
  );

  it("is plain cross entropy where the teacher knows no class", () => {
    const plain = new Float32Array(logits.length);
    const loss = softmaxCrossEntropy(logits, labels, size, classes, plain);
    const distilled = ours(2, []);
    expect(distilled.loss).toBeCloseTo(loss, 12);
    expect(farthest(distilled.gradient, plain)).toBeLessThan(1e-6);
  });

  it("has the gradient that finite differences show", () => {
    const step = 2 ** -6;
    const { gradient } = ours(2, [0, 1, 3]);
    logits.forEach((_, index) => {
      const at = (shift: number) =>
        ours(
          2,
          [0, 1, 3],
          logits.map((value, each) => (each === index ? value + shift : value)),
        ).loss;
      expect(gradient[index]).toBeCloseTo((at(step) - at(-step)) / (2 * step), 3);
    });
  });

  it("stays finite where exp would overflow", () => {
    const { loss, gradient } = ours(
      2,
      [0, 1, 2],
      logits.map((value) => 1e4 * value),
    );
    expect([loss, ...gradient].every(Number.isFinite)).toBe(true);
  });
});
