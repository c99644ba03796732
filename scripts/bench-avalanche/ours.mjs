// Our side: one algorithm over a stream, without a pipeline, tested on every task after each.
import { createCompensator } from "@ferret-ocl/compensation";
import { loadKernels } from "@ferret-ocl/kernels-cuda";
import { createAlgorithm } from "@ferret-ocl/ocl-algorithms";
import { builtInModels, chooseRuntime, parseModel, profileModel } from "@ferret-ocl/pipeline";
import {
  allocateParameters,
  createOneStageLearner,
  Ledger,
  learnTimes,
  withAlgorithm,
} from "@ferret-ocl/pipeline/engine";
import { batch, classes, inputLength } from "./stream.mjs";

/** What all runs share. */
export async function openOurs() {
  const { kernels } = loadKernels();
  const { runtime } = await chooseRuntime("auto");
  const model = parseModel(builtInModels.mlp([inputLength], classes));
  return { kernels, runtime, model };
}

/** The first weights of both sides: Dense kernels [in, out] and biases, layer by layer. */
export function firstWeights({ model }, seed) {
  return Float32Array.from(allocateParameters(model, new Ledger(null), { seed }));
}

/**
 * @returns {{ online: number, overall: number[][], within: number[][], seconds: number }} percentage
 *   points; by task, after how many tasks
 */
export function runOurs(machinery, stream, weights, { name, options, learningRate }) {
  const { kernels, runtime, model } = machinery;
  const ledger = new Ledger(null);
  const shape = { batch, inputLength, classes, parameterCount: model.parameterCount };
  const algorithm = createAlgorithm(name, shape, {
    seed: stream.seed,
    pixels: true,
    learningRate,
    ...options,
    allocate: (category, bytes) => ledger.allocate(category, bytes),
  });
  const profile = withAlgorithm(
    profileModel({
      ...{ model, runtime, batch, timing: "model" },
      learnBatch: algorithm.learnBatch,
    }),
    algorithm,
  );
  const learner = createOneStageLearner({
    model,
    runtime,
    kernels,
    ledger,
    algorithm,
    profile,
    learningRate,
    compensator: createCompensator("none", {}, kernels),
    admission: { kind: "every" },
    learnTimes: [learnTimes(profile)],
    seed: 0,
    initialParameters: weights,
    arrivalInterval: 1,
  });
  const [overall, within] = [[], []];
  const test = () => {
    const accuracies = testTasks(learner, stream);
    overall.push(accuracies.map((each) => each.overall));
    within.push(accuracies.map((each) => each.within));
  };
  let [correct, seconds] = [0, 0];
  const itemCount = stream.labels.length / batch;
  const item = {
    x: new Float32Array(batch * inputLength),
    labels: new Int32Array(batch),
    size: batch,
  };
  for (let k = 0; k < itemCount; k++) {
    if (k % stream.itemsPerTask === 0) test();
    readItem(stream, k * batch, item);
    const begin = performance.now();
    correct += learner.observe(item);
    seconds += (performance.now() - begin) / 1000;
  }
  learner.finish();
  test();
  learner.dispose();
  return { online: (100 * correct) / stream.labels.length, overall, within, seconds };
}

function readItem({ x, labels }, first, item) {
  const begin = first * inputLength;
  for (let index = 0; index < batch * inputLength; index++) item.x[index] = x[begin + index] / 255;
  item.labels.set(labels.subarray(first, first + batch));
}

function testTasks(learner, { tasks, test }) {
  const everyClass = Array.from({ length: classes }, (_, label) => label);
  const counts = tasks.map(() => ({ samples: 0, overall: 0, within: 0 }));
  const item = {
    x: new Float32Array(batch * inputLength),
    labels: new Int32Array(batch),
    size: batch,
  };
  for (let first = 0; first + batch <= test.labels.length; first += batch) {
    readItem(test, first, item);
    const logits = learner.predict(item);
    item.labels.forEach((label, place) => {
      const row = logits.subarray(place * classes, (place + 1) * classes);
      const task = tasks.findIndex((own) => own.includes(label));
      counts[task].samples++;
      if (likeliest(row, everyClass) === label) counts[task].overall++;
      if (likeliest(row, tasks[task]) === label) counts[task].within++;
    });
  }
  return counts.map(({ samples, overall, within }) => ({
    overall: (100 * overall) / samples,
    within: (100 * within) / samples,
  }));
}

const likeliest = (row, labels) =>
  labels.reduce((best, label) => (row[label] > row[best] ? label : best), labels[0]);
