import type { Order } from "./contract.js";
import { itemCount } from "./item-count.js";
import { sampledStream } from "./sampled.js";

/**
 * Samples as the data set has them, one after the other: for data in time order, such as
 * `weather`, with whatever drift it has; in each pass the same.
 */
export const given: Order = (data, request) => {
  const { batch } = request;
  return sampledStream(data, {
    itemCount: itemCount([data.count], request),
    batch,
    sample: (item, place) => (item * batch + place) % data.count,
  });
};
