// Split MNIST as a list of items that both sides learn: five tasks of two classes, in random order.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Random } from "@ferret-ocl/ocl-algorithms";

export const batch = 16;
export const inputLength = 784;
export const classes = 10;
const taskCount = 5;
const testCount = 2000;

/** The files of MNIST in a folder; null where they are not there. */
export function readMnist(folder) {
  const read = (name, header) => {
    const path = [join(folder, "mnist", name), join(folder, "mnist", `${name}.gz`)].find(
      existsSync,
    );
    if (path === undefined) return null;
    const bytes = readFileSync(path);
    return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).subarray(header);
  };
  const split = (name) => ({
    pixels: read(`${name}-images-idx3-ubyte`, 16),
    labels: read(`${name}-labels-idx1-ubyte`, 8),
  });
  const [train, test] = [split("train"), split("t10k")];
  return train.pixels && train.labels && test.pixels && test.labels ? { train, test } : null;
}

/**
 * @param {number} itemsPerTask where a task's samples do not last, they come again.
 * @returns tasks (their classes), `x` [items, batch, 784] and test pixels as bytes, and labels
 */
export function splitStream({ train, test }, seed, itemsPerTask) {
  const random = new Random(seed);
  const order = shuffled(
    Array.from({ length: classes }, (_, label) => label),
    random,
  );
  const tasks = Array.from({ length: taskCount }, (_, task) => order.slice(2 * task, 2 * task + 2));
  const chosen = tasks.flatMap((own) => {
    const samples = shuffled(
      Array.from(train.labels.keys()).filter((sample) => own.includes(train.labels[sample])),
      random,
    );
    return Array.from({ length: itemsPerTask * batch }, (_, k) => samples[k % samples.length]);
  });
  const stride = test.labels.length / testCount;
  const tested = Array.from({ length: testCount }, (_, k) => Math.floor(k * stride));
  return {
    seed,
    tasks,
    itemsPerTask,
    ...gather(train, chosen),
    test: gather(test, tested),
  };
}

function gather({ pixels, labels }, samples) {
  const x = new Uint8Array(samples.length * inputLength);
  samples.forEach((sample, place) => {
    x.set(pixels.subarray(sample * inputLength, (sample + 1) * inputLength), place * inputLength);
  });
  return { x, labels: Int32Array.from(samples, (sample) => labels[sample]) };
}

function shuffled(values, random) {
  for (let last = values.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [values[last], values[other]] = [values[other], values[last]];
  }
  return values;
}
