import type { LabelledData } from "../datasets/contract.js";
import { Random, shuffle } from "../random.js";
import type { Order } from "./contract.js";
import { Passes } from "./passes.js";
import { sampledStream } from "./sampled.js";

/** Words of the seed: the order of the classes, and that within task t (this + t). */
const classWord = 0x200;
const taskWord = 0x300;

/**
 * Class-incremental: the classes in random order come in groups (tasks), one group after the other,
 * each class in one group only; labels stay those of the data set. Ten classes make 5 tasks of 2, a
 * hundred 10 tasks of 10, see `taskCount`. Within a task the order is random; an item never holds
 * samples of two tasks. By default each task passes once over its samples. A given number of items is
 * shared out in proportion to the tasks' samples; a task that is asked for more than its samples goes
 * over them again in a fresh order.
 */
export const split: Order = (data, { batch, items, seed }) => {
  const tasks = samplesByTask(data, seed);
  const lengths =
    items === undefined
      ? tasks.map((samples) => Math.max(Math.floor(samples.length / batch), 1))
      : share(
          items,
          tasks.map((samples) => samples.length),
        );
  const passes = tasks.map((samples, task) => new Passes(samples, seed, taskWord + task));
  const starts = [0];
  for (const length of lengths) starts.push((starts.at(-1) as number) + length);
  return sampledStream(data, {
    itemCount: starts.at(-1) as number,
    batch,
    tasks: tasks.map((samples, task) => ({
      firstItem: starts[task] as number,
      classes: classesOf(samples, data),
    })),
    sample: (item, place) => {
      let task = 0;
      while (item >= starts[task + 1]!) task += 1;
      return passes[task]!.at((item - starts[task]!) * batch + place);
    },
  });
};

/** Groups of a class-incremental stream: pairs up to 20 classes, ten groups above; at least two. */
export function taskCount(classes: number): number {
  return Math.max(2, Math.min(Math.ceil(classes / 2), 10));
}

/** The samples of each task, in the order of the tasks; tasks without a sample are left out. */
function samplesByTask(data: LabelledData, seed: number): Uint32Array[] {
  const classes = Array.from({ length: data.classes }, (_, index) => index);
  shuffle(classes, new Random(seed, classWord));
  const count = taskCount(data.classes);
  const taskOf = new Map(
    classes.map((label, place) => [label, Math.floor((place * count) / data.classes)]),
  );
  const tasks = Array.from({ length: count }, (): number[] => []);
  for (let index = 0; index < data.count; index++)
    tasks[taskOf.get(data.label(index)) as number]?.push(index);
  return tasks.filter((samples) => samples.length > 0).map((samples) => Uint32Array.from(samples));
}

function classesOf(samples: Uint32Array, data: LabelledData): number[] {
  return [...new Set(Array.from(samples, (sample) => data.label(sample)))].sort((a, b) => a - b);
}

/** Shares `total` out in proportion to the weights, rounded so that the sum stays `total`. */
function share(total: number, weights: readonly number[]): number[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let weightBefore = 0;
  return weights.map((weight) => {
    const from = Math.round((total * weightBefore) / whole);
    weightBefore += weight;
    return Math.round((total * weightBefore) / whole) - from;
  });
}
