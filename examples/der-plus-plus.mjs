// A sixth algorithm in one file, which docs/adding-an-algorithm.md builds step by step: DER++
// (Buzzega et al. 2020, "Dark Experience for General Continual Learning"). A buffer keeps samples
// of the past with the logits z that the model gave for them when they came; replay uses both label
// and logits:
//
//   loss = CE(item) + beta CE(replayed) + alpha (mean square of f(replayed) - z)
//
// (one draw serves both terms of the replayed samples; the paper draws twice).
//
// In a pipeline z comes from the newest weights when an item arrives, by one forward pass of it. It
// travels with a replayed sample as its target: `loss` needs nothing else, however late it comes.
import { fileURLToPath } from "node:url";
import {
  AlgorithmState,
  Allotment,
  copyItem,
  crossEntropyOf,
  Random,
  ReplayBuffer,
} from "@ferret-ocl/ocl-algorithms";

export function createDerPlusPlus(shape, options) {
  const { batch, inputLength, classes, parameterCount } = shape;
  const { seed, replay = 16, capacity = 500, alpha = 0.2, beta = 0.5 } = options;
  const memory = new Allotment(options.allocate); // counts what it hands out
  const random = new Random(seed);
  // With each sample: its logits, and 1 once it is replayed, 0 in the item itself.
  const targetLength = classes + 1;
  const kept = { ...shape, ...options, capacity, targetLength };
  const buffer = new ReplayBuffer(kept, random, memory);
  const parameters = memory.floats("algorithm", parameterCount);
  const logits = memory.floats("algorithm", batch * classes);
  // Bytes that name the algorithm, its shape and its options; other algorithms refuse them.
  const settings = {
    replay,
    capacity,
    alpha,
    beta,
    buffer: options.buffer,
    pixels: options.pixels,
  };
  const owner = { algorithm: "der++", shape, options: settings };
  const state = new AlgorithmState(owner, { random, ...buffer.parts() });
  let model;

  return {
    name: "der++",
    learnBatch: batch + replay,
    targetLength,
    memoryBytes: memory.bytes,
    passes: { forward: batch, backward: 0 },
    modelBatch: batch,

    attach(access) {
      model = access;
    },

    compose(item, target) {
      const size = copyItem(item, target, inputLength);
      const drawn = buffer.draw(replay, target, size);
      model.readParameters(parameters);
      model.logits(parameters, item.x, size, logits);
      for (let sample = 0; sample < size; sample++) {
        const row = logits.subarray(sample * classes, (sample + 1) * classes);
        target.targets.set(row, sample * targetLength);
        target.targets[(sample + 1) * targetLength - 1] = 1;
      }
      buffer.add({ ...item, targets: target.targets });
      for (let sample = 0; sample < size; sample++)
        target.targets[(sample + 1) * targetLength - 1] = 0;
      return size + drawn;
    },

    loss(values, { labels, targets, size }, gradient) {
      let replayed = 0;
      for (let sample = 0; sample < size; sample++)
        replayed += targets[(sample + 1) * targetLength - 1];
      let total = 0;
      for (let sample = 0; sample < size; sample++) {
        const [row, past] = [sample * classes, sample * targetLength];
        const isReplayed = targets[past + classes] === 1;
        const plain = isReplayed ? beta / replayed : 1 / (size - replayed);
        const dark = isReplayed ? alpha / replayed / classes : 0;
        const entropy = crossEntropyOf(values, sample, labels[sample], classes);
        const logSum = entropy + values[row + labels[sample]];
        total += plain * entropy;
        for (let label = 0; label < classes; label++) {
          const value = values[row + label]; // read before the gradient takes its place
          const away = value - targets[past + label];
          const hit = label === labels[sample] ? 1 : 0;
          total += dark * away ** 2;
          gradient[row + label] = plain * (Math.exp(value - logSum) - hit) + 2 * dark * away;
        }
      }
      return total;
    },

    save: () => state.save(),
    restore: (saved) => state.restore(saved),
  };
}

// Run by itself, the file runs the checks that every algorithm must pass.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { algorithmChecks } = await import("@ferret-ocl/ocl-algorithms/testing");
  for (const { claim, run } of algorithmChecks) {
    run(createDerPlusPlus);
    console.log(`holds: ${claim}`);
  }
}
