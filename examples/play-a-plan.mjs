// Plays a plan: a small network learns a stream in the asynchronous pipeline that ferret-plan has
// planned. The clock is simulated from the times of the profile, the mathematics is done for real.
// docs/playing-a-plan.md tells the rules, in the same words; play-a-plan.py is the same in PyTorch.
import { readFileSync } from "node:fs";
import { parsePlan, parseProfile, slots } from "@ferret-ocl/planner";
import * as network from "./small-mlp/small-mlp.mjs";

const [profilePath, planPath, itemCount = 800] = process.argv.slice(2);
const profile = parseProfile(JSON.parse(readFileSync(profilePath, "utf8")));
const plan = parsePlan(JSON.parse(readFileSync(planPath, "utf8")));
/** How many items, outputs and weight versions each stage may hold. */
const limits = slots(plan.partition, plan.workers, plan.inFlight);
const nanoseconds = (milliseconds) => Math.max(1, Math.round(1e6 * milliseconds));
const random = network.createRandom(1);
const layers = network.createLayers(random);

const stages = plan.partition.map((first, index) => {
  const end = plan.partition[index + 1] ?? layers.length;
  const time = (field) =>
    nanoseconds(profile.layers.slice(first, end).reduce((sum, each) => sum + each[field], 0));
  return {
    index,
    layers: layers.slice(first, end),
    /** The newest version: parameters layer by layer, never changed, only replaced. */
    weights: layers.slice(first, end).map(({ parameters }) => parameters),
    forwardTime: time("forwardTime"),
    backwardTime: time("backwardTime"),
    /** Items of all workers whose backward pass here is still to come. */
    learning: new Set(),
    /** Items whose output of this stage is still needed. */
    outputs: new Set(),
    /** Gradients that wait for an update (T2): their sum, and how many by worker. */
    sum: null,
    gathered: plan.workers.map(() => 0),
    isDue: false,
  };
});

/** One device a stage of a worker: it does one thing at a time. */
const devices = plan.workers.map((_, worker) =>
  stages.map((stage) => ({ worker, stage, forwards: [], backwards: [], inFlight: new Set() })),
);
const all = devices.flat();
const admitted = plan.workers.map(() => 0);
let [now, right, dropped] = [0, 0, 0];

/** Item k is predicted with the newest weights, then waits for its worker or is dropped. */
function arrive(k) {
  const { x, labels } = network.drawItem(random, k, itemCount);
  const logits = stages.reduce((tensor, { layers, weights }) => run(layers, weights, tensor).at(-1), x);
  right += network.countRight(logits, labels);
  const worker = k % plan.workerCount;
  const queue = devices[worker][0].forwards;
  if (queue.length > 0) {
    dropped++;
    return;
  }
  // T3: of the q-th item that the worker takes, the stages learn whose period divides q.
  const q = admitted[worker]++;
  const firstLearning = limits.participation[worker].findIndex((period) => q % period === 0);
  queue.push({ k, labels, firstLearning, input: x, weights: [], inputs: [], tensors: [] });
}

/** The input of the layers, and the output of each. */
function run(layers, weights, x) {
  const tensors = [x];
  layers.forEach((layer, at) => {
    tensors.push(network.forward(layer, weights[at], tensors[at]));
  });
  return tensors;
}

/** Whether a device may begin the forward pass of the item that waits for it. */
function isForwardReady({ worker, stage, forwards, inFlight }) {
  if (forwards.length === 0) return false;
  const { index, learning, outputs } = stage;
  // One forward, one backward: at most P - i items of a worker are between the two.
  if (inFlight.size >= plan.stageCount - index) return false;
  if (outputs.size >= limits.boundaries[index]) return false;
  if (index < forwards[0].firstLearning) return true;
  const own = [...inFlight].filter((item) => learning.has(item)).length;
  return own < limits.stash[worker][index] && learning.size < limits.inFlight[index];
}

/** Backward passes go first; then forward passes, the oldest item's before the others. */
function startWhatCan() {
  for (const device of all)
    if (!device.item && device.backwards.length > 0) startBackward(device);
  for (;;) {
    const ready = all.filter((device) => !device.item && isForwardReady(device));
    if (ready.length === 0) return;
    startForward(ready.reduce((a, b) => (a.forwards[0].k < b.forwards[0].k ? a : b)));
  }
}

function startForward(device) {
  const { stage, inFlight, forwards } = device;
  const item = forwards.shift();
  const learns = stage.index >= item.firstLearning;
  inFlight.add(item);
  stage.outputs.add(item);
  const tensors = run(stage.layers, stage.weights, item.input);
  if (learns) {
    stage.learning.add(item);
    // Weight stashing: the backward pass will use the weights of its forward pass.
    item.weights[stage.index] = stage.weights;
    item.inputs[stage.index] = item.input;
    if (!plan.workers[device.worker].recompute) item.tensors[stage.index] = tensors;
  }
  item.input = tensors.at(-1);
  Object.assign(device, { item, kind: "F", end: now + stage.forwardTime });
}

function endForward({ worker, stage: { index } }, item) {
  // Nothing of a stage that does not learn from the item is needed any more (T3).
  if (index < item.firstLearning) stages[index - 1]?.outputs.delete(item);
  if (index < plan.stageCount - 1) devices[worker][index + 1].forwards.push(item);
  else {
    item.gradient = network.lossGradient(item.input, item.labels);
    devices[worker][index].backwards.push(item);
  }
}

function startBackward(device) {
  const { stage, worker, backwards } = device;
  // T1: the forward pass is done a second time.
  const more = plan.workers[worker].recompute ? stage.forwardTime : 0;
  const end = now + stage.backwardTime + more;
  Object.assign(device, { item: backwards.shift(), kind: "B", end });
}

function endBackward({ worker, stage }, item) {
  const { index, layers } = stage;
  const weights = item.weights[index];
  const tensors = item.tensors[index] ?? run(layers, weights, item.inputs[index]);
  const gradients = layers.map((layer, at) => at).reverse().map((at) => {
    const { gradient, inputGradient } = network.backward(
      layers[at], weights[at], tensors[at], tensors[at + 1], item.gradient,
    );
    item.gradient = inputGradient;
    return gradient;
  }).reverse();
  stage.learning.delete(item);
  stage.outputs.delete(item);
  devices[worker][index].inFlight.delete(item);
  takeIn(stage, worker, gradients);
  if (index > item.firstLearning) {
    devices[worker][index - 1].backwards.push(item);
    return;
  }
  stages[index - 1]?.outputs.delete(item);
  for (const before of devices[worker].slice(0, index)) before.inFlight.delete(item);
}

/** A gradient makes an update, or waits for others of its group (T2) or for a free version. */
function takeIn(stage, worker, gradients) {
  stage.sum = stage.sum?.map((sum, at) => sum.map((g, i) => g + gradients[at][i])) ?? gradients;
  stage.gathered[worker]++;
  if (stage.gathered[worker] % plan.workers[worker].accumulate[stage.index] === 0) stage.isDue = true;
  const held = new Set([...stage.learning].map(({ weights }) => weights[stage.index]));
  if (!stage.isDue || held.size >= limits.versions[stage.index]) return;
  stage.weights = stage.weights.map((layer, at) =>
    layer.map((value, i) => value - network.learningRate * stage.sum[at][i]),
  );
  Object.assign(stage, { sum: null, isDue: false });
}

/** Ends what ends until some time, in order, and starts what can start then. */
function playUntil(time) {
  for (;;) {
    const next = Math.min(...all.map(({ item, end }) => (item ? end : Infinity)));
    if (next > time) break;
    now = next;
    for (const device of all) {
      const { item, kind, end } = device;
      if (!item || end !== now) continue;
      device.item = null;
      if (kind === "F") endForward(device, item);
      else endBackward(device, item);
    }
    startWhatCan();
  }
  now = time;
}

const interval = nanoseconds(plan.arrivalInterval);
for (let k = 0; k < itemCount; k++) {
  playUntil(k * interval);
  arrive(k);
  startWhatCan();
}
const accuracy = (100 * right) / (itemCount * network.batch);
console.log(`online accuracy ${accuracy.toFixed(2)} %, ${dropped} of ${itemCount} items dropped`);
