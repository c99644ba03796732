// A whole learner: it predicts every item of a stream, learns it in an asynchronous pipeline with
// replay, and stays inside a memory budget. The clock is virtual, the mathematics is real.
import { createCompensator, referenceKernels } from "@ferret-ocl/compensation";
import { createAlgorithm } from "@ferret-ocl/ocl-algorithms";
import * as pipeline from "@ferret-ocl/pipeline";
import { plan } from "@ferret-ocl/planner";

const [batch, side, classes, itemCount] = [8, 8, 4, 600];
const inputLength = side * side;

// Native kernels where they are built, else tfjs. What is printed below is the same with both.
const runtime = await pipeline.loadNativeRuntime().catch(() => pipeline.loadTfjsRuntime());

// The model, layer by layer in the words of Keras; the last layer gives one logit a class.
const dense = (config) => ({ class_name: "Dense", config });
const first = dense({ units: 48, activation: "relu", batch_input_shape: [null, inputLength] });
const layers = [first, dense({ units: 48, activation: "relu" }), dense({ units: classes })];
const model = pipeline.parseModel({ class_name: "Sequential", config: { layers } });

// The stream: noisy pictures with one bright stripe; its place is the class. The first half of the
// stream only shows classes 0 and 1, the second half classes 2 and 3.
function itemAt(k) {
  const x = new Float32Array(batch * inputLength);
  const labels = new Int32Array(batch);
  for (let sample = 0; sample < batch; sample++) {
    labels[sample] = (k < itemCount / 2 ? 0 : 2) + ((k + sample) % 2);
    for (let pixel = 0; pixel < inputLength; pixel++) {
      const noise = Math.sin(12.9898 * (k * batch + sample) + 78.233 * pixel);
      const bright = Math.floor(pixel / side / 2) === labels[sample];
      x[sample * inputLength + pixel] = noise + (bright ? 1 : 0);
    }
  }
  return { x, labels, size: batch };
}

// Experience replay: beside every item, 8 samples of the past are learned again.
const shape = { batch, inputLength, classes, parameterCount: model.parameterCount };
const er = (allocate) =>
  createAlgorithm("er", shape, { seed: 1, replay: 8, capacity: 64, allocate });
const { learnBatch, memoryBytes } = er();
const compensator = createCompensator("iter-fisher");

// What every layer costs. The times drive the virtual clock: here 1 ms forward, 2 ms backward.
const counted = pipeline.profileModel({ model, runtime, batch, learnBatch, timing: "model" });
const timed = counted.layers.map((layer) => ({ ...layer, forwardTime: 1, backwardTime: 2 }));
const profile = { ...counted, layers: timed, sequentialTime: 9 };
// An item comes every millisecond: nine times as fast as one sequential learner could take it.
const { replay: replayBytes } = memoryBytes;
const overheads = { compensationVectors: compensator.stateVectors, replayBytes };
const request = { profile, arrivalInterval: 1, partition: [0, 1, 2], overheads };

// Learns the whole stream under a budget in bytes (null: no limit) and says how it went.
function learn(memoryBudget) {
  const planned = plan({ ...request, memoryBudget });
  const ledger = new pipeline.Ledger(memoryBudget); // hands out every buffer
  const algorithm = er((category, bytes) => ledger.allocate(category, bytes));
  const settings = { kernels: referenceKernels, learningRate: 0.02, seed: 1 };
  const parts = { model, profile, plan: planned, runtime, ledger, algorithm, compensator };
  const actions = [];
  const onAction = (action) => actions.push(action);
  const learner = pipeline.createLearner({ ...parts, ...settings, onAction });
  let correct = 0;
  for (let k = 0; k < itemCount; k++) correct += learner.observe(itemAt(k));
  learner.finish();
  const accuracy = correct / (itemCount * batch);
  return { ...learner.metrics(), planned: planned.memory.total, accuracy, actions };
}

const free = learn(null);
const beginning = free.actions.filter(({ end }) => end <= 12);
console.log(pipeline.render(beginning, 1)); // 1 ms a column
console.log(`no limit: ${free.dropped} of ${free.items} items dropped`);
const half = learn(Math.floor(free.memory.total / 2)); // the ledger refuses to go over it
for (const [name, { memory, planned, accuracy }] of Object.entries({ free, half })) {
  const [exact, well] = [memory.total === planned, accuracy > 0.8];
  console.log(`${name}: memory as planned: ${exact}, online accuracy above 80 %: ${well}`);
}
