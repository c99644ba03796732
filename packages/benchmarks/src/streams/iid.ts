import type { Order } from "./contract.js";
import { Passes } from "./passes.js";
import { sampledStream } from "./sampled.js";

/** Word of the seed of this order. */
const word = 0x100;

/**
 * Samples in random order, independent and identically distributed. By default one pass; where more
 * items are asked than the data fills, another pass in a fresh order follows, and so on.
 */
export const iid: Order = (data, { batch, items, seed }) => {
  const all = Uint32Array.from({ length: data.count }, (_, index) => index);
  const passes = new Passes(all, seed, word);
  return sampledStream(data, {
    itemCount: items ?? Math.max(Math.floor(data.count / batch), 1),
    batch,
    sample: (item, place) => passes.at(item * batch + place),
  });
};
