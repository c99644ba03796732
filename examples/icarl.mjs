// iCaRL in one file (Rebuffi et al. 2017, "iCaRL: Incremental Classifier and Representation
// Learning"), for a stream: it predicts the class whose mean of features is nearest (Alg. 1), keeps
// those samples of a class whose mean is nearest to that of all (herding, Alg. 4), and learns by
// binary cross entropies, of old classes against what the model said before new ones came (Alg. 3).
//
//   mu_y = mean of phi(x) / |phi(x)| over what is kept of class y, of length 1 again
//   class of x = argmin_y | phi(x) / |phi(x)| - mu_y |
//
// phi is the input of the model's last layer. Where iCaRL has all samples of a class at once, a stream
// brings them bit by bit: a class gathers as many new samples as it keeps, then herds; what it had kept
// stands for all that it had seen. A class never seen before, some time after the last such, begins a
// task: those seen until then are the old ones, and the newest model is their teacher. Means move
// as the weights do, so that of one class after the other is taken anew.

import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import {
  AlgorithmState,
  Allotment,
  copyItem,
  copySamples,
  featureLengthOf,
  Random,
} from "@ferret-ocl/ocl-algorithms";

export function createICarl(shape, options) {
  const { batch, inputLength, classes, parameterCount } = shape;
  const { seed, replay = 16, exemplars = 20, taskItems = 20, allocate } = options;
  const length = featureLengthOf(shape);
  const room = 2 * exemplars; // of a class: what it keeps, and what has come since
  const memory = new Allotment(allocate);
  const random = new Random(seed);
  // By class: samples, how many there are, how many of them were herded, how many it has seen.
  const inputs = memory.floats("replay", classes * room * inputLength);
  const held = memory.integers("replay", classes);
  const herded = memory.integers("replay", classes);
  const seen = memory.integers("replay", classes);
  // What `predict` reads, in other threads: means, and 1 once a class has one.
  const means = memory.floats("algorithm", classes * length);
  const known = memory.integers("algorithm", classes);
  const parameters = memory.floats("algorithm", parameterCount);
  const teacher = memory.floats("algorithm", parameterCount);
  const old = memory.integers("algorithm", classes); // 1: its teacher says what it is
  const scratch = memory.floats("algorithm", room * Math.max(length, inputLength));
  const features = memory.floats("algorithm", room * length);
  const logits = memory.floats("algorithm", (batch + replay) * classes);
  const mean = new Float64Array(length);
  const sum = new Float64Array(length);
  const isTaken = new Uint8Array(room);
  let [items, newAt, turn] = [0, -taskItems, 0];
  const counts = {
    save: () => [items, newAt, turn],
    restore: (values) => {
      [items, newAt, turn] = values;
    },
  };
  const arrays = { inputs, held, herded, seen, means, known, teacher, old };
  const owner = { algorithm: "icarl", shape, options: { replay, exemplars, taskItems } };
  const state = new AlgorithmState(owner, { random, counts, ...arrays });
  let model;

  /** Features of what is held of a class, each of length 1, and `mean`: that of all it has seen. */
  function describe(label) {
    const size = held[label];
    const from = label * room * inputLength;
    model.features(parameters, inputs.subarray(from), size, features);
    mean.fill(0);
    const before = (seen[label] - size + herded[label]) / Math.max(1, herded[label]);
    for (let sample = 0; sample < size; sample++) {
      normalise(features, sample * length, length);
      const weight = sample < herded[label] ? before : 1;
      for (let at = 0; at < length; at++) mean[at] += weight * features[sample * length + at];
    }
    normalise(mean, 0, length);
  }

  /** Keeps those samples of a class whose mean comes nearest to the mean of all, the nearest first. */
  function herd(label) {
    describe(label);
    const from = label * room;
    copySamples(inputs, from, scratch, 0, room, inputLength);
    sum.fill(0);
    isTaken.fill(0);
    for (let kept = 0; kept < exemplars; kept++) {
      let [best, nearest] = [-1, Number.POSITIVE_INFINITY];
      for (let sample = 0; sample < room; sample++) {
        if (isTaken[sample]) continue;
        let distance = 0;
        for (let at = 0; at < length; at++)
          distance += (mean[at] - (sum[at] + features[sample * length + at]) / (kept + 1)) ** 2;
        if (best < 0 || distance < nearest) [best, nearest] = [sample, distance];
      }
      isTaken[best] = 1;
      for (let at = 0; at < length; at++) sum[at] += features[best * length + at];
      copySamples(scratch, best, inputs, from + kept, 1, inputLength);
    }
    held[label] = exemplars;
    herded[label] = exemplars;
  }

  function beginTask(labels) {
    const isNew = labels.some((label) => seen[label] === 0);
    if (isNew && items > 0 && items - newAt >= taskItems) {
      teacher.set(parameters);
      for (let label = 0; label < classes; label++) old[label] = seen[label] > 0 ? 1 : 0;
    }
    if (isNew) newAt = items;
  }

  /** Writes samples of the past, each as likely as another, behind the first `size` of a batch. */
  function draw(target, size) {
    let left = held.reduce((sum, count) => sum + count, 0);
    let needed = Math.min(replay, left);
    const end = size + needed;
    for (let label = 0; needed > 0; label++)
      for (let sample = 0; sample < held[label] && needed > 0; sample++) {
        if (random.below(left--) >= needed) continue;
        copySamples(inputs, label * room + sample, target.x, end - needed, 1, inputLength);
        target.labels[end - needed--] = label;
      }
    return end;
  }

  return {
    name: "icarl",
    learnBatch: batch + replay,
    targetLength: classes, // what the teacher says, -1 where the label tells
    memoryBytes: memory.bytes,
    features: {},
    modelBatch: Math.max(room, batch + replay),
    // Herding sees each sample twice, a mean is taken anew, and the teacher is asked.
    passes: { forward: 2 * batch + room + batch + replay, backward: 0 },

    attach(access) {
      model = access;
    },

    compose(item, target) {
      const { x, labels, size } = item;
      model.readParameters(parameters);
      beginTask(labels.subarray(0, size));
      const end = draw(target, copyItem(item, target, inputLength));
      const isTaught = old.includes(1);
      if (isTaught) model.logits(teacher, target.x, end, logits);
      for (let at = 0; at < end * classes; at++)
        target.targets[at] = isTaught && old[at % classes] ? sigmoid(logits[at]) : -1;
      for (let sample = 0; sample < size; sample++) {
        const label = labels[sample];
        copySamples(x, sample, inputs, label * room + held[label]++, 1, inputLength);
        seen[label]++;
        if (held[label] === room) herd(label);
      }
      for (let label = 0; label < classes; label++)
        if (held[label] > 0 && (!known[label] || label === turn)) {
          describe(label);
          means.set(mean, label * length);
          known[label] = 1;
        }
      turn = (turn + 1) % classes;
      items++;
      return end;
    },

    loss(values, { labels, targets, size }, gradient) {
      let total = 0;
      for (let at = 0; at < size * classes; at++) {
        const value = values[at]; // read before the gradient takes its place
        const isOwn = labels[Math.floor(at / classes)] === at % classes;
        const truth = targets[at] >= 0 ? targets[at] : Number(isOwn);
        total += Math.max(value, 0) - value * truth + Math.log1p(Math.exp(-Math.abs(value)));
        gradient[at] = (sigmoid(value) - truth) / size;
      }
      return total / size;
    },

    predict({ logits: values, features: own, size }, scores) {
      if (!known.includes(1)) return void scores.set(values);
      for (let sample = 0; sample < size; sample++) {
        const from = sample * length;
        let square = 0;
        for (let at = 0; at < length; at++) square += own[from + at] ** 2;
        const norm = Math.sqrt(square) || 1;
        for (let label = 0; label < classes; label++) {
          let distance = 0;
          for (let at = 0; at < length; at++)
            distance += (own[from + at] / norm - means[label * length + at]) ** 2;
          scores[sample * classes + label] = known[label] ? -distance : Number.NEGATIVE_INFINITY;
        }
      }
    },

    save: () => state.save(),
    restore: (saved) => state.restore(saved),
  };
}

const sigmoid = (value) => 1 / (1 + Math.exp(-value));

/** Makes a vector as long as 1; one of nothing stays. */
function normalise(values, from, length) {
  let square = 0;
  for (let at = from; at < from + length; at++) square += values[at] ** 2;
  const norm = Math.sqrt(square) || 1;
  for (let at = from; at < from + length; at++) values[at] /= norm;
}

// Ten classes that come two by two.
const [inputs, classes, itemsOfTask, batch] = [64, 10, 100, 10];

function draws(seed) {
  const random = new Random(seed);
  const uniform = () => random.below(2 ** 32) / 2 ** 31 - 1;
  const samples = (first, many, count) => {
    const y = Int32Array.from({ length: count }, () => first + random.below(many));
    const x = Float32Array.from(
      { length: count * inputs },
      (_, at) => prototypes[y[Math.floor(at / inputs)] * inputs + (at % inputs)] + 2 * uniform(),
    );
    return { x, y };
  };
  return { uniform, samples };
}

const prototypes = Float32Array.from({ length: classes * inputs }, draws(1).uniform);
const dense = (units, activation) => ({ class_name: "Dense", config: { units, activation } });
const percent = (share) => `${Math.round(100 * share)} %`;

async function learn(createLearner, name, algorithm, algorithmOptions) {
  const learner = await createLearner({
    model: [dense(64, "relu"), dense(64, "relu"), dense(classes, "linear")],
    inputShape: [inputs],
    batch,
    algorithm,
    algorithmOptions,
    learningRate: 0.1,
    arrivalInterval: "1ms",
    clock: { kind: "virtual" },
  });
  const stream = draws(2);
  const items = (classes / 2) * itemsOfTask;
  let online = 0;
  for (let item = 0; item < items; item++) {
    const { x, y } = stream.samples(2 * Math.floor(item / itemsOfTask), 2, batch);
    online += (await learner.observe(x, y)).correct / (batch * items);
  }
  await learner.finish();
  const { x, y } = draws(3).samples(0, classes, 2000);
  const { labels } = await learner.predict(x);
  const right = labels.filter((label, at) => label === y[at]).length / y.length;
  await learner.dispose();
  console.log(
    `${name}: right online ${percent(online)}, of all classes at the end ${percent(right)}`,
  );
}

async function main() {
  const { algorithmChecks } = await import("@ferret-ocl/ocl-algorithms/testing");
  // Its loss is a sum of binary cross entropies.
  const apart = "the first item, with no past to keep, is learned by its mean cross entropy";
  for (const { claim, run } of algorithmChecks) if (claim !== apart) run(createICarl);
  console.log("keeps to what every algorithm must, but for its loss");
  const { createLearner } = await import("@ferret-ocl/pipeline");
  await learn(createLearner, "vanilla", "vanilla");
  const own = { module: import.meta.url, export: "createICarl", arguments: [] };
  await learn(createLearner, "icarl", own, { exemplars: 10 });
  await learn(createLearner, "er", "er", { capacity: 200 });
}

// Whoever only wants the algorithm imports this file too: a learner does, in each of its threads.
if (isMainThread && process.argv[1] === fileURLToPath(import.meta.url)) void main();
