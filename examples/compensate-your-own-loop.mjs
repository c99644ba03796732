// Asynchronous training without a pipeline: eight workers share one set of weights. Each takes the
// newest weights, computes a gradient for a while, and applies it to weights that the others have
// changed in the meantime. The gradient is stale; a compensator repairs it just before it is
// applied.
import { createCompensator } from "@ferret-ocl/compensation";

const workerCount = 8;
const steps = 400;

// A number in [0, 1) for each index, the same in every run.
const fraction = (index) => (index * 0.6180339887) % 1;

// The stream: points of the plane. The line between the two classes turns slowly.
function sample(index) {
  const x = [2 * fraction(index) - 1, 2 * fraction(index * index) - 1, 1];
  const angle = index / 60;
  return { x, label: x[0] * Math.cos(angle) + x[1] * Math.sin(angle) > 0 ? 1 : 0 };
}

// Logistic regression: the probability of class 1, and the gradient of its loss.
function probability(weights, x) {
  return 1 / (1 + Math.exp(-x.reduce((sum, value, i) => sum + value * weights[i], 0)));
}

function gradientAt(weights, { x, label }) {
  const error = probability(weights, x) - label;
  return Float32Array.from(x, (value) => error * value);
}

function train(name, learningRate) {
  const compensator = createCompensator(name);
  const state = compensator.init({ parameterCount: 3 });
  const history = [new Float32Array(3)]; // history[v]: the weights after v updates
  // What each worker is doing: a sample, the version it read, and when it will be done.
  const workers = Array.from({ length: workerCount }, (_, n) => ({
    index: n,
    version: 0,
    end: n + 1,
  }));
  let loss = 0;
  for (let next = workerCount; next < workerCount + steps; next++) {
    // The worker that is done first ...
    const worker = workers.reduce((first, other) => (other.end < first.end ? other : first));
    const versions = history.slice(worker.version); // from the version it read to the newest
    const gradient = gradientAt(versions[0], sample(worker.index));
    // ... has its gradient repaired and applies it.
    const staleness = versions.length - 1; // about 7: the updates of the other workers
    compensator.update({ gradient, versions, state, staleness, learningRate });
    const newest = versions.at(-1).map((weight, i) => weight - learningRate * gradient[i]);
    history.push(newest);
    // It continues with the next sample, which is predicted first: that loss is what counts.
    const { x, label } = sample(next);
    loss -= Math.log(Math.max(1e-6, Math.abs(1 - label - probability(newest, x))));
    Object.assign(worker, {
      index: next,
      version: history.length - 1,
      end: worker.end + workerCount * (0.5 + fraction(7 * next)),
    });
  }
  return loss / steps;
}

for (const learningRate of [0.5, 1, 2, 4]) {
  const none = train("none", learningRate);
  const repaired = train("iter-fisher", learningRate);
  console.log(
    `learning rate ${learningRate}: none ${none.toFixed(3)}, iter-fisher ${repaired.toFixed(3)}`,
  );
}
