import { classGroups, share, shareWithin, startsOf, stretchAt } from "./class-groups.js";
import type { Order } from "./contract.js";
import { itemCount, wholeItems } from "./item-count.js";
import { Passes } from "./passes.js";
import { sampledStream } from "./sampled.js";

/** Word of the seed: the order within task t (this + t). */
const taskWord = 0x500;

/** How often each task comes. */
const rounds = 3;

/**
 * Tasks that come back: the groups of classes of `split`, one after the other, three times around.
 * Every appearance goes on in the task's samples where the last one left off; all three together have
 * no more items than these fill.
 */
export const recurring: Order = (data, request) => {
  const { batch, seed } = request;
  const groups = classGroups(data, seed);
  const appearances = Array.from({ length: rounds }, () => groups).flat();
  const counts = groups.map(({ samples }) => samples.length);
  const fills = counts.map((count) => wholeItems(count, request));
  const ofTasks = shareWithin(itemCount(counts, request), counts, fills);
  const evenly = Array<number>(rounds).fill(1);
  const ofRounds = ofTasks.map((items) => share(items, evenly));
  const starts = startsOf(evenly.flatMap((_, round) => ofRounds.map((items) => items[round] ?? 0)));
  const passes = groups.map(({ samples }, task) => new Passes(samples, seed, taskWord + task));
  /** Items of the same task before each appearance. */
  const before = appearances.map((_, place) => {
    let sum = 0;
    for (let other = place - groups.length; other >= 0; other -= groups.length)
      sum += (starts[other + 1] as number) - (starts[other] as number);
    return sum;
  });
  return sampledStream(data, {
    itemCount: starts.at(-1) as number,
    batch,
    tasks: appearances.map(({ classes }, place) => ({
      firstItem: starts[place] as number,
      classes,
    })),
    sample: (item, place) => {
      const appearance = stretchAt(starts, item);
      const within = before[appearance]! + item - starts[appearance]!;
      return passes[appearance % groups.length]!.at(within * batch + place);
    },
  });
};
