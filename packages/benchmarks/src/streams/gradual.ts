import { Random } from "../random.js";
import { classGroups, share, startsOf, stretchAt } from "./class-groups.js";
import type { Order } from "./contract.js";
import { Passes } from "./passes.js";
import { sampledStream } from "./sampled.js";

/** Words of the seed: which task a sample comes from, and the order within task t (this + t). */
const mixWord = 0x600;
const taskWord = 0x700;

/**
 * Class-incremental without borders: the tasks of `split`, but from the middle of one to the middle
 * of the next the share of samples from the next grows evenly from 0 to 1. Each task's samples come
 * in a random order of its own, and again in a fresh one where more are asked for.
 */
export const gradual: Order = (data, { batch, items, seed }) => {
  const groups = classGroups(data, seed);
  const counts = groups.map(({ samples }) => samples.length);
  const itemCount = items ?? Math.max(Math.floor(data.count / batch), 1);
  const starts = startsOf(share(itemCount * batch, counts));
  const passes = groups.map(({ samples }, task) => new Passes(samples, seed, taskWord + task));
  const used = groups.map(() => 0);
  const random = new Random(seed, mixWord);
  // What stands at a place depends on how many of its task came before: laid out once.
  const order = Uint32Array.from({ length: itemCount * batch }, (_, position) => {
    const task = mixedTask(starts, position, random.between(0, 1));
    return passes[task]!.at(used[task]!++);
  });
  return sampledStream(data, {
    itemCount,
    batch,
    sample: (item, place) => order[item * batch + place] as number,
  });
};

/** The task of a position, its neighbour the likelier the nearer the border is. */
function mixedTask(starts: readonly number[], position: number, draw: number): number {
  const task = stretchAt(starts, position);
  const begin = starts[task] as number;
  // -1/2 at the beginning of the task, 1/2 at its end.
  const place = (position - begin) / ((starts[task + 1] as number) - begin) - 0.5;
  const neighbour = task + Math.sign(place);
  const exists = neighbour >= 0 && neighbour < starts.length - 1;
  return exists && draw < Math.abs(place) ? neighbour : task;
}
