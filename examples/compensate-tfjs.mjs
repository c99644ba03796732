// Late gradients in TensorFlow.js: a small network learns a stream by gradients that come eight
// updates late, as they do in asynchronous training; a compensator repairs each just before its step.
import { createCompensator } from "@ferret-ocl/compensation";
import * as tf from "@tensorflow/tfjs";

await tf.setBackend("cpu");
const [steps, samples, learningRate, seed] = [240, 8, 0.3, 1];

// Item k of the stream: points of a square, and the quarter about the middle that each lies in.
const fraction = (index) => (index * 0.6180339887) % 1;
const items = Array.from({ length: steps }, (_, k) => {
  const points = Array.from({ length: samples }, (_, n) => k * samples + n + 1).map((index) => [
    2 * fraction(index) - 1,
    2 * fraction(index * index) - 1,
  ]);
  const quarters = points.map(([x, y]) => (x > 0 ? 1 : 0) + (y > 0 ? 2 : 0));
  return { x: tf.tensor2d(points), labels: tf.oneHot(tf.tensor1d(quarters, "int32"), 4) };
});

const logits = ([a, b, c, d], x) => x.matMul(a).add(b).relu().matMul(c).add(d);
const gradients = (weights, { x, labels }) =>
  tf.grads((...each) => tf.losses.softmaxCrossEntropy(labels, logits(each, x)))(weights);

/** Online accuracy: each item is predicted with the newest weights before it is learned. */
function train(name, delay) {
  const compensator = createCompensator(name, {}, tf);
  const start = [[2, 32], [32], [32, 4], [4]].map((shape, n) =>
    shape.length > 1 ? tf.randomNormal(shape, 0, 0.5, "float32", seed + n) : tf.zeros(shape),
  );
  const states = start.map(({ shape }) => compensator.init({ shape }));
  const versions = [start]; // oldest first; each has four tensors
  let right = 0;
  for (let k = 0; k < steps; k++) {
    const newest = versions.at(-1);
    const { x, labels } = items[k];
    right += tf.tidy(() => logits(newest, x).argMax(1).equal(labels.argMax(1)).sum().dataSync()[0]);
    if (k < delay) continue;
    const staleness = versions.length - 1; // the updates since this gradient's weights
    const next = tf.tidy(() =>
      gradients(versions[0], items[k - delay]).map((gradient, n) => {
        const chain = versions.map((version) => version[n]);
        const late = { gradient, versions: chain, state: states[n], staleness, learningRate };
        return newest[n].sub(compensator.update(late).mul(learningRate));
      }),
    );
    versions.push(next);
    if (versions.length > delay + 1) tf.dispose(versions.shift());
  }
  for (const state of states) compensator.dispose(state);
  tf.dispose(versions);
  return `${((100 * right) / (steps * samples)).toFixed(1)} % right`;
}

console.log(`fresh gradients: ${train("none", 0)}`);
console.log(`eight late, as they come: ${train("none", 8)}`);
console.log(`eight late, repaired by secant: ${train("secant", 8)}`);
