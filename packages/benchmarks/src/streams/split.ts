import { classGroups, share, startsOf, stretchAt } from "./class-groups.js";
import type { Order } from "./contract.js";
import { Passes } from "./passes.js";
import { sampledStream } from "./sampled.js";

/** Word of the seed: the order within task t (this + t). */
const taskWord = 0x300;

/**
 * Class-incremental: the classes in random order come in groups (tasks), one group after the other,
 * each class in one group only, see `classGroups`. Within a task the order is random; an item never
 * holds samples of two tasks. By default each task passes once over its samples. A given number of
 * items is shared out in proportion to the tasks' samples; a task that is asked for more than its
 * samples goes over them again in a fresh order.
 */
export const split: Order = (data, { batch, items, seed }) => {
  const groups = classGroups(data, seed);
  const counts = groups.map(({ samples }) => samples.length);
  const starts = startsOf(
    items === undefined
      ? counts.map((count) => Math.max(Math.floor(count / batch), 1))
      : share(items, counts),
  );
  const passes = groups.map(({ samples }, task) => new Passes(samples, seed, taskWord + task));
  return sampledStream(data, {
    itemCount: starts.at(-1) as number,
    batch,
    tasks: groups.map(({ classes }, task) => ({ firstItem: starts[task] as number, classes })),
    sample: (item, place) => {
      const task = stretchAt(starts, item);
      return passes[task]!.at((item - starts[task]!) * batch + place);
    },
  });
};
