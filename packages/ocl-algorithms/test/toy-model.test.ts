import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { softmaxCrossEntropy } from "../src/index.js";
import { crossEntropies, farthest, gradientOf, toyLogits } from "./tfjs-reference.js";
import { itemOf, toyModel, toyShape } from "./toy.js";

describe("the toy model", () => {
  const model = toyModel();
  const item = itemOf(5, 1);
  const x = tf.tensor2d(item.x, [5, toyShape.inputLength]);

  it("has the logits that tfjs computes", () => {
    const logits = new Float32Array(5 * toyShape.classes);
    model.logits(model.parameters, item.x, 5, logits);
    const expected = toyLogits(toyShape, tf.tensor1d(model.parameters), x).dataSync();
    expect(farthest(logits, expected)).toBeLessThan(1e-6);
  });

  it("has the gradient that tfjs computes", () => {
    const gradient = new Float32Array(model.parameters.length).fill(7);
    const atLogits = (logits: Float32Array) => {
      softmaxCrossEntropy(logits, item.labels, 5, toyShape.classes, logits);
    };
    model.gradient(model.parameters, item.x, 5, atLogits, gradient);
    const expected = gradientOf(
      (parameters) => tf.mean(crossEntropies(toyLogits(toyShape, parameters, x), item.labels)),
      model.parameters,
    );
    expect(farthest(gradient, expected)).toBeLessThan(1e-5);
  });
});
