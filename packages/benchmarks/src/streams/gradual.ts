import { Random } from "../random.js";
import { classGroups, share, startsOf, stretchAt } from "./class-groups.js";
import type { Order } from "./contract.js";
import { itemCount } from "./item-count.js";
import { Passes } from "./passes.js";
import { sampledStream } from "./sampled.js";

/** Words of the seed: which task a sample comes from, and the order within task t (this + t). */
const mixWord = 0x600;
const taskWord = 0x700;

/**
 * Class-incremental without borders: the tasks of `split`, but from the middle of one to the middle
 * of the next the share of samples from the next grows evenly from 0 to 1. Each task's samples come
 * in a random order of its own, in each pass in a fresh one; where a task has no more, the nearest
 * that has takes its place.
 */
export const gradual: Order = (data, request) => {
  const { batch, passes: rounds, seed } = request;
  const groups = classGroups(data, seed);
  const counts = groups.map(({ samples }) => samples.length);
  const items = itemCount([data.count], request);
  const starts = startsOf(share(items * batch, counts));
  const passes = groups.map(({ samples }, task) => new Passes(samples, seed, taskWord + task));
  const used = groups.map(() => 0);
  const random = new Random(seed, mixWord);
  // What stands at a place depends on how many of its task came before: laid out once.
  const order = Uint32Array.from({ length: items * batch }, (_, position) => {
    const drawn = mixedTask(starts, position, random.between(0, 1));
    const task = nearest(drawn, (other) => used[other]! < rounds * counts[other]!, counts.length);
    return passes[task]!.at(used[task]!++);
  });
  return sampledStream(data, {
    itemCount: items,
    batch,
    sample: (item, place) => order[item * batch + place] as number,
  });
};

/** The task, or else the nearest one of `count` that serves; one does. */
function nearest(task: number, serves: (task: number) => boolean, count: number): number {
  for (let away = 0; away < count; away++)
    for (const other of [task - away, task + away])
      if (other >= 0 && other < count && serves(other)) return other;
  return task;
}

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
