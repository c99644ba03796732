import type { Order } from "./contract.js";
import { itemCount } from "./item-count.js";
import { Passes } from "./passes.js";
import { sampledStream } from "./sampled.js";

/** Word of the seed of this order. */
const word = 0x100;

/**
 * Samples in random order, independent and identically distributed; each pass in a fresh order.
 */
export const iid: Order = (data, request) => {
  const { batch, seed } = request;
  const all = Uint32Array.from({ length: data.count }, (_, index) => index);
  const passes = new Passes(all, seed, word);
  return sampledStream(data, {
    itemCount: itemCount([data.count], request),
    batch,
    sample: (item, place) => passes.at(item * batch + place),
  });
};
