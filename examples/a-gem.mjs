// A-GEM in one file (Chaudhry et al. 2019, "Efficient Lifelong Learning with A-GEM"): a step may not
// raise the loss of what came before. Of the gradient g and the gradient r of a few samples of the
// past, where they point against each other (Eq. 11),
//
//   g' = g - (g . r) / (r . r) r, so that g' . r = 0
//
// That takes the gradients of all parameters at once: an algorithm with `regulariseWhole` is planned on
// one stage, here of as many workers as the stream asks for. Late gradients are repaired first, and r
// is taken at the newest weights, which the step will change.

import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import {
  AlgorithmState,
  Allotment,
  copyItem,
  Random,
  ReplayBuffer,
  softmaxCrossEntropy,
} from "@ferret-ocl/ocl-algorithms";

export function createAGem(shape, options) {
  const { batch, inputLength, classes, parameterCount } = shape;
  const { seed, reference: most = 128, capacity = 500, buffer: kind = "reservoir" } = options;
  const memory = new Allotment(options.allocate); // counts what it hands out
  const random = new Random(seed);
  const buffer = new ReplayBuffer({ ...shape, capacity, buffer: kind }, random, memory);
  // Updates of one stage come one after the other, on whatever thread: one vector serves them all.
  const past = memory.floats("algorithm", parameterCount);
  const settings = { reference: most, capacity, buffer: kind };
  const owner = { algorithm: "a-gem", shape, options: settings };
  const state = new AlgorithmState(owner, { random, ...buffer.parts() });
  const entropy = (logits, { labels, size }, gradient) =>
    softmaxCrossEntropy(logits, labels, size, classes, gradient);

  return {
    name: "a-gem",
    learnBatch: batch,
    memoryBytes: memory.bytes,
    referenceBatch: most, // samples that travel with the item, and are not learned
    modelBatch: most,
    passes: { forward: 0, backward: most },

    compose(item, target) {
      const size = copyItem(item, target, inputLength);
      target.reference.size = buffer.draw(most, target.reference, 0);
      buffer.add(item);
      return size;
    },

    loss: entropy,

    regulariseWhole(gradient, parameters, { reference, model }) {
      const { x, size } = reference;
      if (size === 0) return;
      model.gradient(parameters, x, size, (of) => entropy(of, reference, of), past);
      const [along, square] = [dot(gradient, past), dot(past, past)];
      // Not where r is nothing, or the model has run away.
      if (!(along < 0 && square > 0 && Number.isFinite(along / square))) return;
      for (let index = 0; index < gradient.length; index++)
        gradient[index] -= (along / square) * past[index];
    },

    save: () => state.save(),
    restore: (saved) => state.restore(saved),
  };
}

function dot(a, b) {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index] * b[index];
  return sum;
}

// Four classes in five tasks, one after the other: each sees the inputs in an order of its own.
const [inputs, classes, tasks, itemsOfTask, batch] = [64, 4, 5, 100, 10];

function draws(seed) {
  const random = new Random(seed);
  const uniform = () => random.below(2 ** 32) / 2 ** 31 - 1;
  const samples = (task, count) => {
    const y = Int32Array.from({ length: count }, () => random.below(classes));
    const x = Float32Array.from({ length: count * inputs }, (_, at) => {
      const from = y[Math.floor(at / inputs)] * inputs + orders[task][at % inputs];
      return prototypes[from] + 1.5 * uniform();
    });
    return { x, y };
  };
  return { random, uniform, samples };
}

const fixed = draws(1);
const prototypes = Float32Array.from({ length: classes * inputs }, fixed.uniform);
const orders = Array.from({ length: tasks }, () => {
  const order = Array.from({ length: inputs }, (_, input) => input);
  for (let last = inputs - 1; last > 0; last--) {
    const other = fixed.random.below(last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
});

const dense = (units, activation) => ({ class_name: "Dense", config: { units, activation } });
const percent = (share) => `${Math.round(100 * share)} %`;

async function learn(createLearner, name, algorithm) {
  const learner = await createLearner({
    model: [dense(256, "relu"), dense(classes, "linear")],
    inputShape: [inputs],
    batch,
    algorithm,
    learningRate: 0.1,
    arrivalInterval: "1ms",
    clock: { kind: "virtual" },
  });
  const stream = draws(2);
  let online = 0;
  for (let item = 0; item < tasks * itemsOfTask; item++) {
    const { x, y } = stream.samples(Math.floor(item / itemsOfTask), batch);
    online += (await learner.observe(x, y)).correct / (batch * tasks * itemsOfTask);
  }
  await learner.finish();
  let earlier = 0;
  for (let task = 0; task < tasks - 1; task++) {
    const { x, y } = draws(3 + task).samples(task, 500);
    const { labels } = await learner.predict(x);
    earlier += labels.filter((label, at) => label === y[at]).length / (500 * (tasks - 1));
  }
  const { stageCount } = learner.plan;
  await learner.dispose();
  console.log(
    `${name}: stages: ${stageCount}, right online ${percent(online)}, of earlier tasks at the end ${percent(earlier)}`,
  );
}

async function main() {
  const { algorithmChecks } = await import("@ferret-ocl/ocl-algorithms/testing");
  for (const { run } of algorithmChecks) run(createAGem);
  console.log("keeps to what every algorithm must");
  const { createLearner } = await import("@ferret-ocl/pipeline");
  await learn(createLearner, "vanilla", "vanilla");
  const own = { module: import.meta.url, export: "createAGem", arguments: [] };
  await learn(createLearner, "a-gem", own);
  await learn(createLearner, "er", "er");
}

// Whoever only wants the algorithm imports this file too: a learner does, in each of its threads.
if (isMainThread && process.argv[1] === fileURLToPath(import.meta.url)) void main();
