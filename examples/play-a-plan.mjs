// Plays a plan: a small network learns a stream in the asynchronous pipeline that ferret-plan has
// planned. The clock is simulated from the times of the profile; the mathematics is real.
// docs/playing-a-plan.md explains the rules in the same words; play-a-plan.py is the same in
// PyTorch.
import { readFileSync } from "node:fs";
import { parsePlan, parseProfile, slots } from "@ferret-ocl/planner";
import {
  add,
  backward,
  countRight,
  createLayers,
  descend,
  forward,
  lossGradient,
} from "./mlp/network.mjs";
import { batch, createRandom, drawItem } from "./mlp/stream.mjs";

const [profilePath, planPath, itemCount = 1000] = process.argv.slice(2);
const profile = parseProfile(JSON.parse(readFileSync(profilePath, "utf8")));
const plan = parsePlan(JSON.parse(readFileSync(planPath, "utf8")));
/** How many items, outputs and weight versions each stage may hold. */
const limits = slots(plan.partition, plan.workers, plan.inFlight);
const nanoseconds = (milliseconds) => Math.max(1, Math.round(1e6 * milliseconds));
const random = createRandom(1);
const layers = createLayers(random);

const stages = plan.partition.map((first, index) => {
  const own = (list) => list.slice(first, plan.partition[index + 1]);
  const timeOf = (pass) => own(profile.layers).reduce((sum, layer) => sum + layer[pass], 0);
  return {
    index,
    layers: own(layers),
    /** The newest version: one vector per layer, never changed, only replaced. */
    weights: own(layers).map(({ parameters }) => parameters),
    forwardTime: nanoseconds(timeOf("forwardTime")),
    backwardTime: nanoseconds(timeOf("backwardTime")),
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

/** One device per stage of a worker: it does one thing at a time. */
const devices = plan.workers.map(({ recompute }, worker) =>
  stages.map((stage) => ({
    worker,
    stage,
    recompute,
    forwards: [],
    backwards: [],
    inFlight: new Set(),
  })),
);
const allDevices = devices.flat();
const admitted = plan.workers.map(() => 0);
let [now, right, dropped] = [0, 0, 0];

/** Item k is predicted with the newest weights, then waits for its worker or is dropped. */
function arrive(k) {
  const { x, labels } = drawItem(random, k);
  right += countRight(
    stages.reduce((tensor, { layers, weights }) => forward(layers, weights, tensor).at(-1), x),
    labels,
  );
  const worker = k % plan.workerCount;
  const queue = devices[worker][0].forwards;
  if (queue.length > 0) {
    dropped++;
    return;
  }
  // T3: a stage learns from the q-th item that the worker takes if its period divides q.
  const q = admitted[worker]++;
  const firstLearning = limits.participation[worker].findIndex((period) => q % period === 0);
  queue.push({ k, labels, firstLearning, tensor: x, weights: [], inputs: [], tensors: [] });
}

/** Whether a device may begin the forward pass of the item that waits for it. */
function isForwardReady({ worker, stage: { index, learning, outputs }, forwards, inFlight }) {
  // One forward, one backward: at most P - i items of a worker are between the two.
  if (forwards.length === 0 || inFlight.size >= plan.stageCount - index) return false;
  if (outputs.size >= limits.boundaries[index]) return false;
  if (index < forwards[0].firstLearning) return true;
  const own = [...inFlight].filter((item) => learning.has(item)).length;
  return own < limits.stash[worker][index] && learning.size < limits.inFlight[index];
}

/** Backward passes go first; then forward passes, the oldest item's before the others. */
function startWhatCan() {
  for (const device of allDevices)
    if (!device.item && device.backwards.length > 0) startBackward(device);
  for (;;) {
    const ready = allDevices.filter((device) => !device.item && isForwardReady(device));
    if (ready.length === 0) return;
    startForward(ready.reduce((a, b) => (a.forwards[0].k < b.forwards[0].k ? a : b)));
  }
}

function startForward(device) {
  const { stage, recompute } = device;
  const { index } = stage;
  const item = device.forwards.shift();
  const tensors = forward(stage.layers, stage.weights, item.tensor);
  device.inFlight.add(item);
  stage.outputs.add(item);
  if (index >= item.firstLearning) {
    stage.learning.add(item);
    // Weight stashing: the backward pass will use the weights of its forward pass.
    item.weights[index] = stage.weights;
    item.inputs[index] = item.tensor;
    if (!recompute) item.tensors[index] = tensors;
  }
  item.tensor = tensors.at(-1);
  Object.assign(device, { item, end: now + stage.forwardTime, finish: endForward });
}

function endForward({ worker, stage: { index }, backwards }, item) {
  // A stage that does not learn from the item need not keep anything of it (T3).
  if (index < item.firstLearning) stages[index - 1]?.outputs.delete(item);
  if (index < plan.stageCount - 1) devices[worker][index + 1].forwards.push(item);
  else {
    item.tensor = lossGradient(item.tensor, item.labels);
    backwards.push(item);
  }
}

function startBackward(device) {
  const { stage, recompute, backwards } = device;
  // T1: the forward pass is repeated.
  const end = now + stage.backwardTime + (recompute ? stage.forwardTime : 0);
  Object.assign(device, { item: backwards.shift(), end, finish: endBackward });
}

function endBackward({ worker, stage, inFlight }, item) {
  const { index, layers } = stage;
  const weights = item.weights[index];
  const tensors = item.tensors[index] ?? forward(layers, weights, item.inputs[index]);
  const { gradients, inputGradient } = backward(layers, weights, tensors, item.tensor);
  item.tensor = inputGradient;
  for (const held of [stage.learning, stage.outputs, inFlight]) held.delete(item);
  takeIn(stage, worker, gradients);
  if (index > item.firstLearning) devices[worker][index - 1].backwards.push(item);
  else {
    stages[index - 1]?.outputs.delete(item);
    for (const before of devices[worker].slice(0, index)) before.inFlight.delete(item);
  }
}

/** A gradient makes an update, or waits for others of its group (T2) or for a free version. */
function takeIn(stage, worker, gradients) {
  const { index, learning, gathered } = stage;
  stage.sum = stage.sum ? add(stage.sum, gradients) : gradients;
  gathered[worker]++;
  if (gathered[worker] % plan.workers[worker].accumulate[index] === 0) stage.isDue = true;
  const held = new Set([...learning].map(({ weights }) => weights[index]));
  if (!stage.isDue || held.size >= limits.versions[index]) return;
  stage.weights = descend(stage.weights, stage.sum);
  Object.assign(stage, { sum: null, isDue: false });
}

/** Ends what ends until some time, in order, and starts what can start then. */
function playUntil(time) {
  for (;;) {
    now = Math.min(...allDevices.map(({ item, end }) => (item ? end : Infinity)));
    if (now > time) break;
    for (const device of allDevices) {
      const { item, end, finish } = device;
      if (!item || end !== now) continue;
      device.item = null;
      finish(device, item);
    }
    startWhatCan();
  }
  now = time;
}

for (let k = 0; k < itemCount; k++) {
  playUntil(k * nanoseconds(plan.arrivalInterval));
  arrive(k);
  startWhatCan();
}
const accuracy = (100 * right) / (itemCount * batch);
console.log(`online accuracy ${accuracy.toFixed(2)} %, ${dropped} of ${itemCount} items dropped`);
