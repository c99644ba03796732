import type { LabelledData } from "../datasets/contract.js";
import { Random, shuffle } from "../random.js";
import { share, startsOf, stretchAt } from "./class-groups.js";
import type { Order } from "./contract.js";
import { itemCount } from "./item-count.js";
import { Passes } from "./passes.js";
import { sampledStream } from "./sampled.js";

/** Words of the seed: the permutation of task t, and the order within it (this + t). */
const permutationWord = 0x800;
const taskWord = 0x900;

/** Domains, one after the other. */
const permutedTasks = 5;

/**
 * Domain-incremental (Goodfellow et al. 2013, permuted MNIST): all classes all the time, but in each
 * of five tasks the pixels stand in another, random order; in the first one as they are. A pixel's
 * channels stay together. Each task has a fifth of the items.
 */
export const permuted: Order = (data, request) => {
  const { batch, seed } = request;
  const all = Uint32Array.from({ length: data.count }, (_, index) => index);
  const count = itemCount([data.count], request);
  const starts = startsOf(share(count, Array<number>(permutedTasks).fill(1)));
  const passes = new Passes(all, seed, taskWord);
  const views = starts.slice(1).map((_, task) => permutedData(data, seed, task));
  const classes = Array.from({ length: data.classes }, (_, label) => label);
  return sampledStream(data, {
    itemCount: count,
    batch,
    tasks: views.map((_, task) => ({
      firstItem: starts[task] as number,
      classes,
      view: (other) => permutedData(other, seed, task),
    })),
    sample: (item, place) => passes.at(item * batch + place),
    read: (index, item, _, x, offset) => views[stretchAt(starts, item)]?.read(index, x, offset),
  });
};

/** Data as a task shows them. */
function permutedData(data: LabelledData, seed: number, task: number): LabelledData {
  const channels = data.inputShape.length > 1 ? (data.inputShape.at(-1) as number) : 1;
  const length = data.inputShape.reduce((product, size) => product * size, 1);
  const places = Uint32Array.from({ length: length / channels }, (_, place) => place);
  if (task > 0) shuffle(places, new Random(seed, permutationWord, task));
  const plain = new Float32Array(length);
  return {
    count: data.count,
    classes: data.classes,
    inputShape: data.inputShape,
    label: (index) => data.label(index),
    read(index, x, offset) {
      data.read(index, plain, 0);
      places.forEach((from, to) => {
        for (let channel = 0; channel < channels; channel++)
          x[offset + to * channels + channel] = plain[from * channels + channel] as number;
      });
    },
  };
}
