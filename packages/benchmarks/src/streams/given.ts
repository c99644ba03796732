import type { Order } from "./contract.js";
import { sampledStream } from "./sampled.js";

/**
 * Samples as the data set has them, one after the other: of data in the order of time, such as
 * `weather`, whatever drift they have. Where more items are asked than the data fills, they begin
 * again.
 */
export const given: Order = (data, { batch, items }) =>
  sampledStream(data, {
    itemCount: items ?? Math.max(Math.floor(data.count / batch), 1),
    batch,
    sample: (item, place) => (item * batch + place) % data.count,
  });
