import { classGroups, shareWithin, startsOf, stretchAt } from "./class-groups.js";
import type { Order } from "./contract.js";
import { itemCount, wholeItems } from "./item-count.js";
import { Passes } from "./passes.js";
import { sampledStream } from "./sampled.js";

/** Word of the seed: the order within task t (this + t). */
const taskWord = 0x300;

/**
 * Class-incremental: the classes in random order come in groups (tasks), one group after the other,
 * each class in one group only, see `classGroups`. Within a task the order is random; an item never
 * holds samples of two tasks. Items are shared out in proportion to the tasks' samples, to none more
 * than its samples fill; each pass over them is in a fresh order.
 */
export const split: Order = (data, request) => {
  const { batch, seed } = request;
  const groups = classGroups(data, seed);
  const counts = groups.map(({ samples }) => samples.length);
  const fills = counts.map((count) => wholeItems(count, request));
  const starts = startsOf(shareWithin(itemCount(counts, request), counts, fills));
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
